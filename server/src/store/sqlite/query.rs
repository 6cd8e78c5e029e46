//! The operations that only read.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::row::{read_key, read_record, record_columns};
use crate::store::integers::{from_millis, millis};
use crate::store::{Alias, Loaded, Record, UserId};
use crate::{StoreKey, UnixMillis};

pub(super) fn load(
    connection: &Connection,
    key: &StoreKey,
    now: UnixMillis,
) -> rusqlite::Result<Option<Loaded>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT confirmed, ",
        record_columns!(),
        " FROM sessions WHERE key = ? AND deadline > ?"
    ))?;
    let mut rows = statement.query(params![key.as_bytes(), millis(now)])?;
    if let Some(row) = rows.next()? {
        let (confirmed, record) = (row.get::<_, bool>(0)?, Arc::new(read_record(row, 1)?));
        return Ok(Some(Loaded::Live { record, unconfirmed: !confirmed }));
    }
    // A key moves from the one table to the other in one step: what has been in the first is in the second by now.
    load_alias(connection, key, now)
}

fn load_alias(connection: &Connection, key: &StoreKey, now: UnixMillis) -> rusqlite::Result<Option<Loaded>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT aliases.nonce, aliases.retire_at, sessions.key, ",
        record_columns!(),
        " FROM aliases JOIN sessions ON sessions.id = aliases.session WHERE aliases.key = ? AND deadline > ?"
    ))?;
    let mut rows = statement.query(params![key.as_bytes(), millis(now)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let successor = read_key(row, 2)?;
    let retire_at: Option<i64> = row.get(1)?;
    if retire_at.is_some_and(|retire_at| from_millis(retire_at) <= now) {
        return Ok(Some(Loaded::Retired { successor }));
    }
    let (nonce, record) = (row.get(0)?, Arc::new(read_record(row, 3)?));
    Ok(Some(Loaded::Alias(Alias { successor, record, nonce })))
}

/// The record that is live under a key, and its row.
pub(super) fn live(
    connection: &Connection,
    key: &StoreKey,
    now: UnixMillis,
) -> rusqlite::Result<Option<(i64, Record)>> {
    let mut statement: CachedStatement<'_> = connection.prepare_cached(concat!(
        "SELECT id, ",
        record_columns!(),
        " FROM sessions WHERE key = ? AND deadline > ?"
    ))?;
    let mut rows = statement.query(params![key.as_bytes(), millis(now)])?;
    rows.next()?.map(|row| Ok((row.get(0)?, read_record(row, 1)?))).transpose()
}

/// The row of the session that a key names or, as an alias, leads to; ended ones among them.
pub(super) fn session_of(connection: &Connection, key: &StoreKey) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM sessions WHERE key = ?1 UNION ALL SELECT session FROM aliases WHERE key = ?1 LIMIT 1",
        )?
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()
}

pub(super) fn list(
    connection: &Connection,
    user: &UserId,
    now: UnixMillis,
) -> rusqlite::Result<Vec<(StoreKey, Arc<Record>)>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT key, ",
        record_columns!(),
        " FROM sessions WHERE user = ? AND deadline > ?"
    ))?;
    let rows = statement.query_map(params![user.as_str(), millis(now)], |row| {
        Ok((read_key(row, 0)?, Arc::new(read_record(row, 1)?)))
    })?;
    rows.collect()
}
