//! What SQLite and the file system say, in the words of the contract.

use std::io;
use std::sync::Arc;

use rusqlite::{Error, ErrorCode};

use crate::store::{StoreError, StoreErrorKind};

/// Why something failed, for all who waited for it. SQLite's messages name files and columns; values are bound, and
/// appear in none.
pub(super) struct Cause {
    kind: StoreErrorKind,
    source: Arc<dyn std::error::Error + Send + Sync>,
}

impl Cause {
    pub(super) fn error(&self) -> StoreError {
        StoreError::with_source(self.kind, Arc::clone(&self.source))
    }
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        Self { kind: kind_of(&error), source: Arc::new(error) }
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
            _ => StoreErrorKind::Unavailable,
        };
        Self { kind, source: Arc::new(error) }
    }
}

pub(super) fn store_error(error: Error) -> StoreError {
    Cause::from(error).error()
}

pub(super) fn file_error(error: io::Error) -> StoreError {
    Cause::from(error).error()
}

fn kind_of(error: &Error) -> StoreErrorKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::TooBig) => StoreErrorKind::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreErrorKind::ReadOnly,
        // SQLite's general error is one of the statement: a table or a column is missing.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => StoreErrorKind::Corrupt,
        Some(ErrorCode::NotADatabase) => StoreErrorKind::Incompatible,
        Some(_) => StoreErrorKind::Unavailable,
        // Not SQLite's own: a row is not what this library wrote.
        None => StoreErrorKind::Corrupt,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn every_failure_has_its_kind() {
        for (code, kind) in [
            (ffi::SQLITE_BUSY, StoreErrorKind::Unavailable),
            (ffi::SQLITE_BUSY_SNAPSHOT, StoreErrorKind::Unavailable),
            (ffi::SQLITE_LOCKED, StoreErrorKind::Unavailable),
            (ffi::SQLITE_IOERR_FSYNC, StoreErrorKind::Unavailable),
            (ffi::SQLITE_CANTOPEN, StoreErrorKind::Unavailable),
            (ffi::SQLITE_NOMEM, StoreErrorKind::Unavailable),
            (ffi::SQLITE_FULL, StoreErrorKind::Full),
            (ffi::SQLITE_TOOBIG, StoreErrorKind::Full),
            (ffi::SQLITE_READONLY, StoreErrorKind::ReadOnly),
            (ffi::SQLITE_READONLY_DIRECTORY, StoreErrorKind::ReadOnly),
            (ffi::SQLITE_PERM, StoreErrorKind::ReadOnly),
            (ffi::SQLITE_CORRUPT, StoreErrorKind::Corrupt),
            (ffi::SQLITE_ERROR, StoreErrorKind::Corrupt),
            (ffi::SQLITE_NOTADB, StoreErrorKind::Incompatible),
        ] {
            let error = Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(kind_of(&error), kind, "{error}");
        }
        assert_eq!(kind_of(&Error::QueryReturnedNoRows), StoreErrorKind::Corrupt);
    }
}
