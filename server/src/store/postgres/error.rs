//! What PostgreSQL says, in the words of the contract.

use std::error::Error;
use std::fmt;

use tokio_postgres::error::SqlState;

use crate::store::{StoreError, StoreErrorKind};

pub(crate) fn store_error(error: tokio_postgres::Error) -> StoreError {
    let kind = kind_of(&error);
    match error.as_db_error() {
        Some(said) => {
            let said = Said { code: said.code().code().into(), message: said.message().into() };
            StoreError::with_source(kind, said)
        }
        None => StoreError::with_source(kind, error),
    }
}

/// A value is not what this library wrote.
pub(super) fn corrupt(source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::with_source(StoreErrorKind::Corrupt, source)
}

pub(super) fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::with_source(StoreErrorKind::Unavailable, source)
}

fn kind_of(error: &tokio_postgres::Error) -> StoreErrorKind {
    match error.code() {
        None if is_refusal(error) => StoreErrorKind::Denied,
        None => StoreErrorKind::Unavailable,
        Some(state) => kind_of_state(state),
    }
}

fn kind_of_state(state: &SqlState) -> StoreErrorKind {
    match *state {
        SqlState::DISK_FULL => StoreErrorKind::Full,
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreErrorKind::ReadOnly,
        SqlState::INVALID_PASSWORD
        | SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        | SqlState::INSUFFICIENT_PRIVILEGE => StoreErrorKind::Denied,
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => StoreErrorKind::Corrupt,
        // Tables or functions of these names that are not ours, or none where ours should be.
        SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN
        | SqlState::UNDEFINED_FUNCTION
        | SqlState::INVALID_SCHEMA_NAME
        | SqlState::DUPLICATE_TABLE
        | SqlState::DUPLICATE_FUNCTION => StoreErrorKind::Incompatible,
        _ => StoreErrorKind::Unavailable,
    }
}

/// The driver has no name for what goes wrong before the server answers: a password that is missing, or a server that
/// does not prove that it knows it.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    let said = error.to_string();
    said == "authentication error"
        || error.source().is_some_and(|source| source.to_string() == "password missing")
}

/// The server's message. Its details are left out: they may quote the row.
#[derive(Debug)]
struct Said {
    code: Box<str>,
    message: Box<str>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl Error for Said {}
