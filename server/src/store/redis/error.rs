//! What Redis says, in the words of the contract.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::{StoreError, StoreErrorKind};

/// Redis' messages name commands and keys of this library's making; values appear in none.
pub(super) fn store_error(error: RedisError) -> StoreError {
    StoreError::with_source(kind_of(&error), error)
}

/// A value is not what this library wrote.
pub(super) fn corrupt() -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt)
}

fn kind_of(error: &RedisError) -> StoreErrorKind {
    // Before version 7, Redis repeats within its own words what a command in a script has met.
    let script = error.detail().filter(|detail| detail.contains("running script")).unwrap_or_default();
    match (error.kind(), error.code()) {
        _ if script.contains("-OOM ") => StoreErrorKind::Full,
        _ if script.contains("-READONLY ") || script.contains("-MISCONF ") => StoreErrorKind::ReadOnly,
        (_, Some("OOM")) => StoreErrorKind::Full,
        // Redis refuses writes while it cannot save them.
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) | (_, Some("MISCONF")) => StoreErrorKind::ReadOnly,
        (ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm), _)
        | (_, Some("NOAUTH" | "WRONGPASS")) => StoreErrorKind::Denied,
        (ErrorKind::UnexpectedReturnType, _) | (_, Some("WRONGTYPE")) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    }
}
