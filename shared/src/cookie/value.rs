//! Cookie values that a server or script may send, RFC 6265bis section 4.1.1.

use alloc::borrow::Cow;
use core::fmt;

use super::class::{self, COOKIE_OCTET};
use super::percent;
use crate::reason::reasons;

/// A cookie's value: printable ASCII without space, `"`, `,`, `;` and `\`, or that within one pair of double quotes.
///
/// ```
/// use twinjar_shared::cookie::{CookieValue, ValueError};
///
/// assert_eq!(CookieValue::new("dark").unwrap().as_str(), "dark");
/// assert_eq!(CookieValue::new("a b"), Err(ValueError::NotCookieOctets));
/// assert_eq!(CookieValue::encode("a b").as_str(), "a%20b");
/// ```
///
/// `Debug` prints the value's length, not the value: it may be a secret.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct CookieValue<'a>(Cow<'a, str>);

reasons! {
    /// Why a text cannot be sent as a cookie's value as it is.
    pub enum ValueError {
        /// A character is not a `cookie-octet`.
        NotCookieOctets = "value_invalid", "RFC 6265bis section 4.1.1",
            "Percent-encode spaces, quotes, commas, semicolons, backslashes, control characters and non-ASCII text in the value.",
    }
}

impl<'a> CookieValue<'a> {
    /// The empty value.
    pub const EMPTY: CookieValue<'static> = CookieValue(Cow::Borrowed(""));

    /// Takes a value that can be sent as it is.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it has a character that is no `cookie-octet`, other than one outer pair of double quotes.
    pub const fn new(value: &'a str) -> Result<Self, ValueError> {
        if is_cookie_value(value) { Ok(Self(Cow::Borrowed(value))) } else { Err(ValueError::NotCookieOctets) }
    }

    /// Percent-encodes any text, as `encodeURIComponent` does.
    #[must_use]
    pub fn encode(text: &'a str) -> Self {
        Self(percent::encode(text))
    }

    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> CookieValue<'static> {
        CookieValue(Cow::Owned(self.0.into_owned()))
    }

    /// The value as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_cookie_value(value: &str) -> bool {
    let octets = match value.as_bytes() {
        [b'"', inner @ .., b'"'] => inner,
        plain => plain,
    };
    class::all(octets, COOKIE_OCTET)
}

impl fmt::Debug for CookieValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieValue({} octets)", self.0.len())
    }
}

impl<'a> TryFrom<&'a str> for CookieValue<'a> {
    type Error = ValueError;

    fn try_from(value: &'a str) -> Result<Self, ValueError> {
        Self::new(value)
    }
}

impl AsRef<str> for CookieValue<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
