//! Several keys: the first signs, all verify.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::key::{MAC_LENGTH, SecretError, SigningKey, split_signed};
use crate::cookie::CookieValue;

/// The mark of a signed cookie.
const MARK: &str = "s:";

/// Signing keys in order of age: the first signs, each one verifies, so a secret can be replaced without a stop.
///
/// Comparisons take constant time. Verifying allocates nothing.
#[derive(Clone)]
pub struct KeyRing {
    first: SigningKey,
    others: Vec<SigningKey>,
}

/// A signed value whose signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    /// The value without its signature.
    pub value: &'a str,
    /// Which key signed it, counted from 0. Sign the value anew when it was not the first.
    pub key_index: usize,
}

impl KeyRing {
    /// A ring that signs with `first` and also accepts signatures by `others`.
    #[must_use]
    pub fn new(first: SigningKey, others: impl IntoIterator<Item = SigningKey>) -> Self {
        Self { first, others: others.into_iter().collect() }
    }

    /// A ring of secrets, the signing one first.
    ///
    /// # Errors
    ///
    /// [`SecretError`] if there is none, or if one is empty.
    pub fn from_secrets(secrets: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Self, SecretError> {
        let mut keys = secrets.into_iter().map(SigningKey::new);
        let first = keys.next().ok_or(SecretError::Missing)??;
        Ok(Self { first, others: keys.collect::<Result<_, _>>()? })
    }

    /// The value with its signature: `value.mac`.
    #[must_use]
    pub fn sign(&self, value: &str) -> String {
        let mut out = String::with_capacity(value.len() + 44);
        self.sign_into(value, &mut out);
        out
    }

    /// Appends the value with its signature to a text.
    pub fn sign_into(&self, value: &str, out: &mut String) {
        self.first.sign(value, out);
    }

    /// The value of a `value.mac` that one of the keys signed. Splits at the last dot.
    #[must_use]
    pub fn verify<'a>(&self, signed: &'a str) -> Option<Verified<'a>> {
        let (value, key_index) = self.verify_bytes(signed.as_bytes())?;
        // What the signature covers ends before an ASCII dot, and so between characters.
        Some(Verified { value: &signed[..value.len()], key_index })
    }

    /// The same for bytes that need not be text: the value, and the index of the key that signed it.
    #[must_use]
    pub fn verify_bytes<'a>(&self, signed: &'a [u8]) -> Option<(&'a [u8], usize)> {
        let mut mac = [0; MAC_LENGTH];
        let value = split_signed(signed, &mut mac)?;
        let key_index = self.keys().position(|key| key.verify(value, &mac))?;
        Some((value, key_index))
    }

    /// The value of a signed cookie as Express sends it: `s:value.mac`, percent-encoded.
    #[must_use]
    pub fn sign_cookie(&self, value: &str) -> CookieValue<'static> {
        let mut text = String::with_capacity(MARK.len() + value.len() + 44);
        text.push_str(MARK);
        self.first.sign(value, &mut text);
        CookieValue::encode(&text).into_owned()
    }

    /// The value of a signed cookie, given percent-decoded. `None` without the mark `s:` or a right signature.
    #[must_use]
    pub fn verify_cookie<'a>(&self, decoded: &'a str) -> Option<Verified<'a>> {
        self.verify(decoded.strip_prefix(MARK)?)
    }

    /// The first key's MAC of several parts, for formats of one's own (ids, tokens).
    ///
    /// What is authenticated is the byte `ff`, then each part behind its length as a big-endian `u64`: the same bytes
    /// cut into other parts have another MAC, and no signed value can pass for them.
    /// Give each use a part of its own, such as its name, so that a MAC made for one is useless in another.
    ///
    /// ```
    /// use twinjar_shared::signature::KeyRing;
    ///
    /// let ring = KeyRing::from_secrets(["keyboard cat"])?;
    /// let mac = ring.mac(&[b"csrf", b"session 7"]);
    /// assert_eq!(ring.verify_mac(&[b"csrf", b"session 7"], &mac), Some(0));
    /// assert_eq!(ring.verify_mac(&[b"csrfsession 7"], &mac), None);
    /// # Ok::<(), twinjar_shared::signature::SecretError>(())
    /// ```
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; MAC_LENGTH] {
        self.first.mac_framed(parts)
    }

    /// The [`KeyRing::mac`] of `parts` by each key, the first key's first.
    pub fn macs(&self, parts: &[&[u8]]) -> impl Iterator<Item = [u8; MAC_LENGTH]> {
        self.keys().map(move |key| key.mac_framed(parts))
    }

    /// The index of the key that made this [`KeyRing::mac`] of `parts`.
    #[must_use]
    pub fn verify_mac(&self, parts: &[&[u8]], mac: &[u8]) -> Option<usize> {
        let mac = mac.try_into().ok()?;
        self.keys().position(|key| key.verify_framed(parts, mac))
    }

    /// A ring for one purpose: every key is derived from one of this ring, in the same order.
    ///
    /// What the derived ring signs says nothing to this one, nor to a ring for another purpose.
    ///
    /// ```
    /// use twinjar_shared::signature::KeyRing;
    ///
    /// let ring = KeyRing::from_secrets(["keyboard cat"])?;
    /// let (ids, tokens) = (ring.derive(&[b"session id"]), ring.derive(&[b"csrf token"]));
    /// assert!(ids.verify(&ids.sign("7")).is_some());
    /// assert!(tokens.verify(&ids.sign("7")).is_none());
    /// # Ok::<(), twinjar_shared::signature::SecretError>(())
    /// ```
    #[must_use]
    pub fn derive(&self, purpose: &[&[u8]]) -> Self {
        Self {
            first: self.first.derive(purpose),
            others: self.others.iter().map(|key| key.derive(purpose)).collect(),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        core::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys)", 1 + self.others.len())
    }
}

#[cfg(test)]
mod tests;
