//! The secret session id, the key it is stored under, and its signed form in the cookie.

mod handle;
mod recent;
mod token;

use std::fmt;

use sha2::{Digest, Sha256};

pub use handle::{Handle, InvalidHandle};
pub(crate) use token::{TokenForm, Verified};

/// Characters of an id: 24 random bytes (192 bits) in unpadded base64url.
pub(crate) const ID_LENGTH: usize = 32;

/// The secret that a session cookie carries: 192 bits from a seeded CSPRNG, as 32 base64url characters.
///
/// It is handled as text, never decoded, and never printed: `Debug` shows no part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionId([u8; ID_LENGTH]);

impl SessionId {
    /// A new id that nobody can guess.
    pub(crate) fn generate() -> Self {
        Self(random_base64url())
    }

    /// The id in `text`, if it has the form of one; whether it was ever issued is the signature's business.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let id = <[u8; ID_LENGTH]>::try_from(text).ok()?;
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
        // No early end: the loop becomes a few vector instructions.
        id.iter().fold(true, |all, &byte| all & is_base64url(byte)).then_some(Self(id))
    }

    /// The id that stands for a MAC.
    pub(crate) fn from_mac(mac: &[u8; 32]) -> Self {
        let mut id = [0; ID_LENGTH];
        base64url(&mac[..24], &mut id);
        Self(id)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; ID_LENGTH] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What a store sees instead of the id.
    pub(crate) fn store_key(&self) -> StoreKey {
        StoreKey(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(secret)")
    }
}

/// The name of a record in a store: the SHA-256 of the session id.
///
/// A leaked store, or the timing of a look-up, gives no id away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The key with these bytes, for stores that read keys back and for tests of stores.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, uniformly distributed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StoreKey {
    /// The first four bytes: enough to follow one session through a log, too few to find its record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "StoreKey({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn random_base64url<const N: usize>() -> [u8; N] {
    let mut text = [0; N];
    rand::Rng::fill_bytes(&mut rand::rng(), &mut text);
    // Six of each byte's eight random bits: one character, with no bias.
    for byte in &mut text {
        *byte = BASE64URL[usize::from(*byte & 63)];
    }
    text
}

/// Unpadded base64url of whole groups of three bytes.
fn base64url(bytes: &[u8], text: &mut [u8]) {
    for (group, out) in bytes.chunks_exact(3).zip(text.chunks_exact_mut(4)) {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for (position, character) in out.iter_mut().enumerate() {
            *character = BASE64URL[(bits >> (18 - 6 * position) & 63) as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_differ_and_parse() {
        let (a, b) = (SessionId::generate(), SessionId::generate());
        assert_ne!(a, b);
        assert_eq!(SessionId::parse(a.as_bytes()), Some(a));
    }

    #[test]
    fn only_the_form_of_an_id_is_accepted() {
        for bad in
            [&b""[..], b"short", &[b'a'; 31], &[b'a'; 33], b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=", &[0xFF; 32]]
        {
            assert_eq!(SessionId::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let id = SessionId::generate();
        let text = std::str::from_utf8(id.as_bytes()).expect("ids are ASCII").to_owned();
        assert!(!format!("{id:?}").contains(&text[..4]));
    }

    #[test]
    fn base64url_agrees_with_the_rfc_4648_alphabet() {
        let mut text = [0; 8];
        base64url(&[0xFB, 0xFF, 0xFE, 0x00, 0x10, 0x83], &mut text);
        assert_eq!(&text, b"-__-ABCD");
    }
}
