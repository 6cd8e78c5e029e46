//! The id of an Express session.

use std::fmt;
use std::sync::Arc;

/// The secret id of a session (`req.sessionID`), under which Express stores it in the clear. It is never printed:
/// `Debug` shows no part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpressId(Arc<str>);

impl ExpressId {
    /// Takes an id of whatever form.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExpressId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExpressId(secret)")
    }
}
