//! A record as a row, and back.

use std::sync::Arc;

use rusqlite::types::{FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Error, Row, Statement};

use crate::StoreKey;
use crate::store::integers::{from_millis, from_span, integer, millis, span};
use crate::store::{Identity, Meta, Record, SessionData, UserId};

/// The columns that [`read_record`] reads, in its order.
macro_rules! record_columns {
    () => {
        "revision, deadline, seen_at, created_at, absolute_deadline, idle_timeout, persistent, handle, user, \
         authenticated_at, data"
    };
}
pub(super) use record_columns;

/// Binds values to a statement's parameters, one after the other.
pub(super) struct Binder<'s, 'c> {
    statement: &'s mut Statement<'c>,
    next: usize,
}

impl<'s, 'c> Binder<'s, 'c> {
    pub(super) fn new(statement: &'s mut Statement<'c>) -> Self {
        Self { statement, next: 1 }
    }

    pub(super) fn bind(&mut self, value: impl rusqlite::ToSql) -> rusqlite::Result<&mut Self> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(self)
    }

    /// What every commit changes: `data, revision, deadline, seen_at`.
    pub(super) fn bind_change(&mut self, record: &Record) -> rusqlite::Result<&mut Self> {
        self.bind(record.data.as_str())?
            .bind(integer(record.revision))?
            .bind(millis(record.deadline))?
            .bind(millis(record.seen_at))
    }

    /// The rest: `created_at, absolute_deadline, idle_timeout, persistent, handle, user, authenticated_at`.
    pub(super) fn bind_meta(&mut self, meta: &Meta) -> rusqlite::Result<&mut Self> {
        let identity = meta.identity.as_deref();
        self.bind(millis(meta.created_at))?
            .bind(millis(meta.absolute_deadline))?
            .bind(span(meta.idle_timeout))?
            .bind(meta.persistent)?
            .bind(meta.handle.as_str())?
            .bind(identity.map(|identity| identity.user.as_str()))?
            .bind(identity.map(|identity| millis(identity.authenticated_at)))
    }
}

/// Reads the columns of [`record_columns`], the first of which is number `first`.
pub(super) fn read_record(row: &Row<'_>, first: usize) -> rusqlite::Result<Record> {
    let read = Columns { row, first };
    let user = read.with(8, |value| value.as_str_or_null().map(|user| user.map(UserId::new)))?;
    let authenticated_at = read.with(9, |value| value.as_i64_or_null().map(Option::unwrap_or_default))?;
    let identity = user.map(|user| Identity { user, authenticated_at: from_millis(authenticated_at) });
    Ok(Record {
        revision: read.with(0, |value| value.as_i64())?.unsigned_abs(),
        deadline: read.millis(1)?,
        seen_at: read.millis(2)?,
        meta: Meta {
            created_at: read.millis(3)?,
            absolute_deadline: read.millis(4)?,
            idle_timeout: from_span(read.with(5, |value| value.as_i64())?),
            persistent: read.with(6, |value| value.as_i64())? != 0,
            handle: read.with(7, |value| value.as_str()?.parse().map_err(FromSqlError::other))?,
            identity: identity.map(Arc::new),
        },
        data: read.with(10, |value| SessionData::parse(value.as_str()?).map_err(FromSqlError::other))?,
    })
}

pub(super) fn read_key(row: &Row<'_>, column: usize) -> rusqlite::Result<StoreKey> {
    Ok(StoreKey::from_bytes(row.get(column)?))
}

struct Columns<'r, 's> {
    row: &'r Row<'s>,
    first: usize,
}

impl Columns<'_, '_> {
    fn millis(&self, column: usize) -> rusqlite::Result<crate::UnixMillis> {
        self.with(column, |value| value.as_i64()).map(from_millis)
    }

    fn with<T>(
        &self,
        column: usize,
        read: impl FnOnce(ValueRef<'_>) -> FromSqlResult<T>,
    ) -> rusqlite::Result<T> {
        let column = self.first + column;
        let value = self.row.get_ref(column)?;
        read(value).map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
    }
}
