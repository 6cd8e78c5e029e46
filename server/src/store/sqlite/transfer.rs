//! Sessions out of the file, and into it.

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::SqliteStore;
use super::change::insert;
use super::query::session_of;
use super::row::{read_key, read_record, record_columns};
use super::transaction::Transaction;
use crate::UnixMillis;
use crate::store::integers::{from_millis, millis};
use crate::store::transfer::{Cursor, Page, StoredAlias, StoredSession, Transfer};
use crate::store::{StoreError, StoreErrorKind, StoreFuture};

const SESSIONS_OF_A_PAGE: usize = 500;

impl Transfer for SqliteStore {
    fn page<'a>(&'a self, from: Option<&'a Cursor>, now: UnixMillis) -> StoreFuture<'a, Page> {
        StoreFuture::new(async move {
            let after: i64 = from
                .map_or(Ok(0), |cursor| cursor.0.parse())
                .map_err(|error| StoreError::with_source(StoreErrorKind::Corrupt, error))?;
            self.0.readers.run(move |database| page(database, after, now)).await
        })
    }

    fn restore<'a>(&'a self, session: &'a StoredSession, _: UnixMillis) -> StoreFuture<'a, bool> {
        let session = session.clone();
        StoreFuture::new(self.0.writer.run(move |database| restore(database, &session)))
    }
}

fn page(connection: &Connection, after: i64, now: UnixMillis) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT id, key, confirmed, ",
        record_columns!(),
        " FROM sessions WHERE id > ? AND deadline > ? ORDER BY id LIMIT ?"
    ))?;
    let mut of_session = connection
        .prepare_cached("SELECT key, nonce, retire_at FROM aliases WHERE session = ? ORDER BY id")?;
    let mut sessions = Vec::new();
    let mut last = None;
    let mut rows = statement.query(params![after, millis(now), SESSIONS_OF_A_PAGE])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let aliases = of_session.query_map([id], |row| {
            let retire_at: Option<i64> = row.get(2)?;
            Ok(StoredAlias {
                key: read_key(row, 0)?,
                nonce: row.get(1)?,
                retire_at: retire_at.map(from_millis),
            })
        })?;
        sessions.push(StoredSession {
            key: read_key(row, 1)?,
            unconfirmed: !row.get::<_, bool>(2)?,
            record: Arc::new(read_record(row, 3)?),
            aliases: aliases.collect::<rusqlite::Result<_>>()?,
        });
        last = Some(id);
    }
    let next = last.filter(|_| sessions.len() == SESSIONS_OF_A_PAGE);
    Ok(Page { sessions, next: next.map(|id| Cursor(id.to_string().into())) })
}

fn restore(transaction: &Transaction<'_>, session: &StoredSession) -> rusqlite::Result<bool> {
    let StoredSession { key, record, unconfirmed, aliases } = session;
    for key in aliases.iter().map(|alias| &alias.key).chain([key]) {
        if session_of(transaction, key)?.is_some() {
            return Ok(false);
        }
    }
    insert(transaction, key, record, !unconfirmed)?;
    let id = transaction.last_insert_rowid();
    let mut statement = transaction
        .prepare_cached("INSERT INTO aliases (key, session, nonce, retire_at) VALUES (?, ?, ?, ?)")?;
    for alias in aliases {
        statement.execute(params![alias.key.as_bytes(), id, alias.nonce, alias.retire_at.map(millis)])?;
    }
    Ok(true)
}
