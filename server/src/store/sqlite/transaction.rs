//! A transaction of a thread's, and what it has changed.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use rusqlite::{Connection, params};

use crate::StoreKey;

/// Transactions whose changes are kept: more than are made between two looks of another process.
const KEPT: i64 = 512;
const REMOVED_AT_ONCE: i64 = 64;

/// Rolled back when it is dropped before it is committed.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    changed: RefCell<Vec<StoreKey>>,
    has_written: Cell<bool>,
    room: Room,
}

/// How much of it a transaction may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Enough,
    /// The file is full: what has been told before gives way. Others notice, and take everything for changed.
    Tight,
}

impl<'c> Transaction<'c> {
    /// Begins with a statement that does.
    pub(super) fn begin(connection: &'c Connection, begin: &str, room: Room) -> rusqlite::Result<Self> {
        execute(connection, begin)?;
        Ok(Self { connection, changed: RefCell::default(), has_written: Cell::new(false), room })
    }

    /// Something else stands under this key once this is committed.
    pub(super) fn changed(&self, key: &StoreKey) {
        self.changed.borrow_mut().push(*key);
        self.wrote();
    }

    /// Something has been written that nobody has to hear of.
    pub(super) fn wrote(&self) {
        self.has_written.set(true);
    }

    /// Tells other processes, once this is committed, what it has changed. Answers the entry's number (0: there is
    /// none) and the keys; `None`: nothing was written.
    pub(super) fn tell(&self) -> rusqlite::Result<Option<(i64, Vec<StoreKey>)>> {
        if !self.has_written.get() {
            return Ok(None);
        }
        let keys = self.changed.take();
        if self.room == Room::Tight {
            self.prepare_cached("DELETE FROM changes")?.execute([])?;
            return Ok(Some((0, keys)));
        }
        let bytes: Vec<u8> = keys.iter().flat_map(|key| *key.as_bytes()).collect();
        self.prepare_cached("INSERT INTO changes (keys) VALUES (?)")?.execute([bytes])?;
        let id = self.last_insert_rowid();
        if id % REMOVED_AT_ONCE == 0 {
            self.prepare_cached("DELETE FROM changes WHERE id <= ?")?.execute([id - KEPT])?;
        }
        Ok(Some((id, keys)))
    }

    pub(super) fn commit(&self) -> rusqlite::Result<()> {
        execute(self.connection, "COMMIT")
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // SQLite has rolled back by itself after some errors.
        if !self.connection.is_autocommit() {
            let _ = execute(self.connection, "ROLLBACK");
        }
    }
}

/// What transactions have told.
pub(super) struct Told {
    /// The last entry there is.
    pub(super) last: i64,
    /// How many entries have been read.
    pub(super) count: u32,
    /// All their keys.
    pub(super) keys: Vec<StoreKey>,
}

/// What transactions have told after the entry `last` and before the entry `end`.
pub(super) fn told_between(connection: &Connection, last: i64, end: i64) -> rusqlite::Result<Told> {
    let newest = connection
        .prepare_cached("SELECT coalesce(max(id), 0) FROM changes WHERE id < ?")?
        .query_row([end], |row| row.get(0))?;
    let mut statement = connection.prepare_cached("SELECT keys FROM changes WHERE id > ? AND id < ?")?;
    let mut rows = statement.query(params![last, end])?;
    let mut told = Told { last: newest, count: 0, keys: Vec::new() };
    while let Some(row) = rows.next()? {
        told.count += 1;
        let (keys, _) = row.get_ref(0)?.as_blob()?.as_chunks();
        told.keys.extend(keys.iter().map(|key| StoreKey::from_bytes(*key)));
    }
    Ok(told)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
