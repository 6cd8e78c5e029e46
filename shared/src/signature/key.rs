//! One signing key.

use alloc::string::String;
use core::fmt;

use base64_simd::{Out, STANDARD_NO_PAD};
use hmac::digest::CtOutput;
use hmac::digest::zeroize::{Zeroize, ZeroizeOnDrop};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::reason::reasons;

/// The octets of a MAC.
pub const MAC_LENGTH: usize = 32;

/// The characters of a MAC in base64 without padding.
const TEXT_LENGTH: usize = 43;

/// Begins every framed message. No UTF-8 text contains it, so no signed value can pass for a framed message.
const FRAMED: u8 = 0xff;

/// A prepared HMAC-SHA256 key. It is wiped from memory when dropped, and `Debug` does not print it.
///
/// Any secret that is not empty is accepted, as Express does; one of at least 32 random bytes is advised.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

reasons! {
    /// Why a secret cannot be a key.
    pub enum SecretError {
        /// The secret is empty.
        Empty = "secret_empty", "RFC 2104 section 3", "Give a secret of at least 32 random bytes; this one is empty.",
        /// There is no secret at all.
        Missing = "secret_missing", "RFC 2104 section 3", "Give at least one secret to sign with.",
    }
}

impl SigningKey {
    /// Prepares a key from a secret: a text (its UTF-8 bytes count) or bytes.
    ///
    /// # Errors
    ///
    /// [`SecretError::Empty`].
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        Ok(Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length")))
    }

    /// Appends a value and its `.mac`.
    pub(crate) fn sign(&self, value: &str, out: &mut String) {
        let tag = self.tag(&|hmac| hmac.update(value.as_bytes()));
        let mut text = [0; TEXT_LENGTH];
        out.push_str(value);
        out.push('.');
        out.push_str(STANDARD_NO_PAD.encode_as_str(&tag.into_bytes(), Out::from_slice(&mut text)));
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, value: &[u8], mac: &[u8; MAC_LENGTH]) -> bool {
        self.tag(&|hmac| hmac.update(value)) == Tag::new((*mac).into())
    }

    /// The MAC of `parts`, each behind its length.
    pub(crate) fn mac_framed(&self, parts: &[&[u8]]) -> [u8; MAC_LENGTH] {
        self.tag_framed(parts).into_bytes().into()
    }

    /// Compares in constant time.
    pub(crate) fn verify_framed(&self, parts: &[&[u8]], mac: &[u8; MAC_LENGTH]) -> bool {
        self.tag_framed(parts) == Tag::new((*mac).into())
    }

    /// A key of its own for a purpose.
    pub(crate) fn derive(&self, purpose: &[&[u8]]) -> Self {
        let mut secret = self.mac_framed(purpose);
        let derived = Self(Hmac::new_from_slice(&secret).expect("HMAC takes keys of any length"));
        secret.zeroize();
        derived
    }

    fn tag_framed(&self, parts: &[&[u8]]) -> Tag {
        self.tag(&|hmac| {
            hmac.update(&[FRAMED]);
            for part in parts {
                hmac.update(&(part.len() as u64).to_be_bytes());
                hmac.update(part);
            }
        })
    }

    /// The one place that finishes a MAC, so that the compiler puts all of it here: the hash's state has 250 octets,
    /// and to hand it from function to function costs a tenth of a verification.
    fn tag(&self, write_message: &dyn Fn(&mut Hmac<Sha256>)) -> Tag {
        let mut hmac = self.0.clone();
        write_message(&mut hmac);
        hmac.finalize()
    }
}

/// A MAC that is compared in constant time.
type Tag = CtOutput<Hmac<Sha256>>;

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Splits `value.mac` at the last dot: gives the value and puts the MAC into `mac`, where it stays until it is compared.
/// `None` if what follows the dot is not the canonical base64 of a MAC.
pub(crate) fn split_signed<'a>(signed: &'a [u8], mac: &mut [u8; MAC_LENGTH]) -> Option<&'a [u8]> {
    let (value, text) = signed.split_at_checked(signed.len().checked_sub(TEXT_LENGTH + 1)?)?;
    // What is decoded comes from outside and is no secret, so this may take its time: only the comparison may not.
    STANDARD_NO_PAD.decode(text.strip_prefix(b".")?, Out::from_slice(mac)).ok()?;
    Some(value)
}

/// The key is wiped by the hash's own `Drop`, which a feature of these crates turns on: without it this does not compile.
const _: fn() = || {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<<Sha256 as hmac::EagerHash>::Core>();
};
