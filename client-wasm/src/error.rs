//! What goes wrong, as enums.

use core::error::Error;
use core::fmt;

use twinjar_shared::contract::{DecodeError, EncodeError};
use twinjar_shared::cookie::BuildError;
use twinjar_shared::policy::Refusal;

/// Why there are no cookies here at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessError {
    /// There is no document: this is a worker, or not a browser.
    NoDocument,
    /// The browser denies this page cookies: it is sandboxed, or of no http(s) address.
    Denied,
    /// The browser blocks cookies, as somebody has told it to.
    Disabled,
}

/// Why a cookie cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadError {
    /// There are no cookies here.
    Access(AccessError),
    /// The value is not of the key's type: somebody else wrote it.
    Decode(DecodeError),
}

/// Why a cookie was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteError {
    /// There are no cookies here.
    Access(AccessError),
    /// The codec has no text for the value, or one that is too long.
    Encode(EncodeError),
    /// The key's attributes contradict each other.
    Build(BuildError),
    /// The browser refuses the cookie, by its rules or as seen when it was read back.
    Refused(Refusal),
    /// The browser dropped the cookie and hides why: on plain http, an `HttpOnly` or a `Secure` cookie may have its name; in
    /// a frame, cookies may be blocked; beside 150 cookies, the page does not try to find out.
    Dropped,
}

impl AccessError {
    /// A stable `snake_case` word, the same as the npm package's.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoDocument => "no_document",
            Self::Denied => "access_denied",
            Self::Disabled => "cookies_disabled",
        }
    }
}

impl ReadError {
    /// A stable `snake_case` word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Access(error) => error.code(),
            Self::Decode(error) => error.code(),
        }
    }
}

impl WriteError {
    /// A stable `snake_case` word, the same as the npm package's.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Access(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Build(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDocument => "Use cookies in a page: here is no document.",
            Self::Denied => {
                "Serve this page from an http(s) address and outside a sandboxed frame: the browser denies it cookies."
            }
            Self::Disabled => "Ask for cookies to be allowed: the browser blocks them.",
        })
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Access(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Access(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Dropped => {
                f.write_str("Try another name or https: the browser hides why it drops the cookie.")
            }
        }
    }
}

impl Error for AccessError {}
impl Error for ReadError {}
impl Error for WriteError {}

macro_rules! from {
    ($($source:ty => $target:ident::$variant:ident;)+) => {
        $(impl From<$source> for $target {
            fn from(error: $source) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from! {
    AccessError => ReadError::Access;
    DecodeError => ReadError::Decode;
    AccessError => WriteError::Access;
    EncodeError => WriteError::Encode;
    BuildError => WriteError::Build;
    Refusal => WriteError::Refused;
}
