//! Why a store could not do its work.

use std::error::Error;
use std::fmt;

/// A store's failure. The session engine fails closed on it: the request is answered 503,
/// never as if it had no session.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of failure that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It could not be reached, or did not answer in time; a later try may succeed. What was to be written may
    /// have been.
    Unavailable,
    /// It holds as much as it is allowed to, or as there is room for. Nothing was written.
    Full,
    /// It can be read, but not written.
    ReadOnly,
    /// It does not let this server in: the password is wrong, or a permission is missing.
    Denied,
    /// What is stored cannot be read. It is left as it is.
    Corrupt,
    /// What is there is no store of this library, or one of a newer version. It is left as it is.
    Incompatible,
    /// Another holder kept the session's lock for longer than the wait allowed.
    LockTimeout,
}

impl StoreError {
    /// A failure of a kind, without a cause of its own.
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// A failure with its cause. The cause must not print secrets: it is logged.
    pub fn with_source(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// Which kind of failure it is.
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the session store cannot be reached",
            StoreErrorKind::Full => "the session store is full",
            StoreErrorKind::ReadOnly => "the session store cannot be written",
            StoreErrorKind::Denied => "the session store denies access",
            StoreErrorKind::Corrupt => "what the session store holds is damaged",
            StoreErrorKind::Incompatible => "this is no session store, or one of a newer version",
            StoreErrorKind::LockTimeout => "another request kept the session locked for too long",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
