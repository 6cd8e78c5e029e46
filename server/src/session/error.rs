//! What can go wrong with a session, and how it is answered.

use std::error::Error;
use std::fmt;

use crate::store::StoreError;

/// Why a session operation failed. Nothing of it was stored.
///
/// As a response (handlers may return it with `?`) it is an RFC 9457 problem:
///
/// | error | status | code |
/// |---|---|---|
/// | [`Store`](Self::Store) | 503 | `store_unavailable` |
/// | [`Gone`](Self::Gone) | 410 | `session_gone` |
/// | [`Conflict`](Self::Conflict) | 412 | `revision_conflict` |
/// | [`TooLarge`](Self::TooLarge), [`KeyTooLong`](Self::KeyTooLong) | 413 | `value_too_large` |
/// | [`NotSupported`](Self::NotSupported) | 501 | `not_supported` |
/// | [`Value`](Self::Value), [`ResponseSent`](Self::ResponseSent) | 500 | `internal_error` |
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed.
    Store(StoreError),
    /// The session has ended while the request was under way; writes to it never bring it back.
    Gone,
    /// Others kept changing the session; `update` gave up after this many attempts.
    Conflict {
        /// How often it was tried.
        attempts: u32,
    },
    /// A value is not of the type that the code asks for, or cannot be written as JSON.
    Value {
        /// The key.
        key: Box<str>,
        /// What the codec says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The session would exceed the configured size, or the value the size that its key allows.
    TooLarge {
        /// The largest size, in bytes of JSON.
        limit: usize,
    },
    /// The name of a value is longer than the configured size.
    KeyTooLong {
        /// The largest size of a key, in bytes.
        limit: usize,
    },
    /// The sessions are kept in a format that has no room for this: those of Express can be neither listed by user nor
    /// watched.
    NotSupported,
    /// The response headers have left: a session cannot begin, end or change its id any more.
    ResponseSent,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Gone => f.write_str("the session has ended while the request was under way"),
            Self::Conflict { attempts } => write!(f, "the session kept changing during {attempts} attempts"),
            Self::Value { key, .. } => write!(f, "the session value {key:?} has another type than expected"),
            Self::TooLarge { limit } => {
                write!(f, "the value, or the session with it, would exceed {limit} bytes")
            }
            Self::KeyTooLong { limit } => write!(f, "the name of a session value would exceed {limit} bytes"),
            Self::NotSupported => f.write_str("the format in which sessions are kept has no room for this"),
            Self::ResponseSent => f.write_str("the response has been sent; set the cookie before it"),
        }
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Value { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
