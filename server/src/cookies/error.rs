//! Why a cookie cannot be set as described.

use std::fmt;

use twinjar_shared::cookie::{BuildError, DomainError, NameError, PathError};

/// A cookie that browsers would drop, or understand otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCookie {
    /// Its name.
    Name(NameError),
    /// Its domain.
    Domain(DomainError),
    /// Its path.
    Path(PathError),
    /// The cookie as a whole.
    Whole(BuildError),
}

impl fmt::Display for InvalidCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => write!(f, "the cookie's name: {error}"),
            Self::Domain(error) => write!(f, "the cookie's domain: {error}"),
            Self::Path(error) => write!(f, "the cookie's path: {error}"),
            Self::Whole(error) => write!(f, "the cookie: {error}"),
        }
    }
}

impl std::error::Error for InvalidCookie {}

macro_rules! from_errors {
    ($($error:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$error> for InvalidCookie {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )+};
}

from_errors!(NameError => Name, DomainError => Domain, PathError => Path, BuildError => Whole);
