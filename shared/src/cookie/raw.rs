//! A piece of a header as it was received.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use super::percent;

/// A name or value as it stood in a header: any bytes, nothing decoded, nothing copied.
///
/// ```
/// use twinjar_shared::cookie::CookieHeader;
///
/// let header = CookieHeader::new(br#"city=K%C3%B6ln; note="a b""#);
/// let city = header.get("city").unwrap();
/// assert_eq!(city.as_str(), Some("K%C3%B6ln"));
/// assert_eq!(city.decode(), "Köln");
/// assert_eq!(header.get("note").unwrap().unquoted(), "a b");
/// ```
///
/// `Debug` prints the length alone: a value may be a credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RawValue<'a>(&'a [u8]);

impl<'a> RawValue<'a> {
    /// Wraps bytes as they are.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, if the bytes are UTF-8.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        core::str::from_utf8(self.0).ok()
    }

    /// The text with percent-encoding undone where that is possible: a malformed sequence, or one that is not UTF-8,
    /// leaves the whole text as it is. Bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn decode(self) -> Cow<'a, str> {
        percent::decode_bytes(self.0).unwrap_or_else(|| String::from_utf8_lossy(self.0))
    }

    /// The bytes without one outer pair of double quotes, if they have one.
    #[must_use]
    pub const fn unquoted(self) -> Self {
        match self.0 {
            [b'"', inner @ .., b'"'] => Self(inner),
            _ => self,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for RawValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawValue({} octets)", self.0.len())
    }
}

impl PartialEq<str> for RawValue<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for RawValue<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl<'a> From<&'a [u8]> for RawValue<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for RawValue<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for RawValue<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}
