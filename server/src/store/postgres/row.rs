//! A record as columns, and back.

use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql};

use super::error::corrupt;
use crate::store::integers::{from_millis, from_span, integer, millis, span};
use crate::store::{Identity, Meta, Record, SessionData, StoreError, UserId};
use crate::{StoreKey, UnixMillis};

/// The columns that [`read_record`] reads, in its order.
macro_rules! record_columns {
    () => {
        "revision, deadline, seen_at, created_at, absolute_deadline, idle_timeout, persistent, handle, user_name, \
         authenticated_at, data"
    };
}
pub(super) use record_columns;

/// How many they are.
pub(super) const RECORD_COLUMNS: usize = 11;

/// A record's values as the statements take them.
pub(super) struct Columns<'a> {
    pub(super) data: &'a [u8],
    pub(super) revision: i64,
    pub(super) deadline: i64,
    pub(super) seen_at: i64,
    pub(super) created_at: i64,
    pub(super) absolute_deadline: i64,
    pub(super) idle_timeout: i64,
    pub(super) persistent: bool,
    pub(super) handle: &'a str,
    pub(super) user_name: Option<&'a [u8]>,
    pub(super) authenticated_at: Option<i64>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        let Record { data, revision, deadline, seen_at, meta } = record;
        let identity = meta.identity.as_deref();
        Self {
            data: data.as_str().as_bytes(),
            revision: integer(*revision),
            deadline: millis(*deadline),
            seen_at: millis(*seen_at),
            created_at: millis(meta.created_at),
            absolute_deadline: millis(meta.absolute_deadline),
            idle_timeout: span(meta.idle_timeout),
            persistent: meta.persistent,
            handle: meta.handle.as_str(),
            user_name: identity.map(|identity| identity.user.as_str().as_bytes()),
            authenticated_at: identity.map(|identity| millis(identity.authenticated_at)),
        }
    }
}

impl Columns<'_> {
    /// The meta that a commit may replace: all but the handle.
    pub(super) fn meta(&self) -> [&(dyn ToSql + Sync); 6] {
        let Self {
            created_at, absolute_deadline, idle_timeout, persistent, user_name, authenticated_at, ..
        } = self;
        [created_at, absolute_deadline, idle_timeout, persistent, user_name, authenticated_at]
    }
}

/// Reads the columns of [`record_columns`], the first of which is number `first`.
pub(super) fn read_record(row: &Row, first: usize) -> Result<Record, StoreError> {
    let user: Option<&[u8]> = get(row, first + 8)?;
    let user = user.map(std::str::from_utf8).transpose().map_err(corrupt)?.map(UserId::new);
    let authenticated_at: Option<i64> = get(row, first + 9)?;
    let identity = user.map(|user| Identity {
        user,
        authenticated_at: authenticated_at.map_or(UnixMillis::default(), from_millis),
    });
    let data = std::str::from_utf8(get(row, first + 10)?).map_err(corrupt)?;
    Ok(Record {
        revision: get::<i64>(row, first)?.unsigned_abs(),
        deadline: read_moment(row, first + 1)?,
        seen_at: read_moment(row, first + 2)?,
        meta: Meta {
            created_at: read_moment(row, first + 3)?,
            absolute_deadline: read_moment(row, first + 4)?,
            idle_timeout: from_span(get(row, first + 5)?),
            persistent: get(row, first + 6)?,
            handle: get::<&str>(row, first + 7)?.parse().map_err(corrupt)?,
            identity: identity.map(Arc::new),
        },
        data: SessionData::parse(data).map_err(corrupt)?,
    })
}

pub(super) fn read_moment(row: &Row, column: usize) -> Result<UnixMillis, StoreError> {
    get(row, column).map(from_millis)
}

pub(super) fn read_key(row: &Row, column: usize) -> Result<StoreKey, StoreError> {
    get::<&[u8]>(row, column)?.try_into().map(StoreKey::from_bytes).map_err(corrupt)
}

pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(corrupt)
}
