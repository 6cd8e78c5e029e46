//! Cookie names that a server or script may use, RFC 6265bis section 4.1.1.

use super::class::{self, TOKEN};
use super::prefix::Prefix;
use crate::reason::reasons;

/// A cookie's name: a `token` of RFC 9110, so letters, digits and some punctuation, and at least one of them.
///
/// ```
/// use twinjar_shared::cookie::{CookieName, NameError};
///
/// const THEME: CookieName<'static> = match CookieName::new("theme") {
///     Ok(name) => name,
///     Err(_) => panic!("not a cookie name"),
/// };
/// assert_eq!(THEME.as_str(), "theme");
/// assert_eq!(CookieName::new("a=b"), Err(NameError::NotAToken));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CookieName<'a>(&'a str);

reasons! {
    /// Why a text is not a cookie's name.
    pub enum NameError {
        /// There is no name.
        Empty = "name_empty", "RFC 6265bis section 4.1.1", "Give the cookie a name.",
        /// A character is not allowed in a name.
        NotAToken = "name_invalid", "RFC 6265bis section 4.1.1",
            "Use only letters, digits and !#$%&'*+-.^_`|~ in the name.",
    }
}

impl<'a> CookieName<'a> {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] if it is empty or has a character that is not of a `token`.
    pub const fn new(name: &'a str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if !class::all(name.as_bytes(), TOKEN) {
            return Err(NameError::NotAToken);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The prefix that the name begins with.
    #[must_use]
    pub const fn prefix(self) -> Option<Prefix> {
        Prefix::of(self.0.as_bytes())
    }
}

impl<'a> TryFrom<&'a str> for CookieName<'a> {
    type Error = NameError;

    fn try_from(name: &'a str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

impl AsRef<str> for CookieName<'_> {
    fn as_ref(&self) -> &str {
        self.0
    }
}
