//! The operations that change the database, each run inside a transaction of the writer's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension, params};

use super::query;
use super::row::{Binder, read_key};
use super::transaction::Transaction;
use crate::store::integers::{from_millis, millis};
use crate::store::{Commit, Committed, MAX_ALIASES, Meta, Patch, Record, Revision, Rotation, Touch, UserId};
use crate::{Handle, StoreKey, UnixMillis};

/// How long one transaction sweeps: it has to end soon, for others wait.
const SWEEPING_TIME: Duration = Duration::from_millis(1);
const SWEPT_AT_ONCE: u64 = 16;

/// A [`Commit`] on its way to the writer's thread.
pub(super) struct OwnedCommit {
    patch: Patch,
    expected: Option<Revision>,
    touch: Touch,
    meta: Option<Meta>,
}

impl OwnedCommit {
    pub(super) fn new(commit: Commit<'_>) -> Self {
        let Commit { patch, expected, touch, meta } = commit;
        Self { patch: patch.clone(), expected, touch, meta: meta.cloned() }
    }

    fn get(&self) -> Commit<'_> {
        let Self { patch, expected, touch, meta } = self;
        Commit { patch, expected: *expected, touch: *touch, meta: meta.as_ref() }
    }
}

pub(super) fn create(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    record: &Record,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if !make_room(transaction, key, now)? {
        return Ok(false);
    }
    insert(transaction, key, record, true)?;
    Ok(true)
}

/// A key that nothing has.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    record: &Record,
    confirmed: bool,
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO sessions (key, confirmed, data, revision, deadline, seen_at, created_at, absolute_deadline, \
         idle_timeout, persistent, handle, user, authenticated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut values = Binder::new(&mut statement);
    values.bind(key.as_bytes())?.bind(confirmed)?.bind_change(record)?.bind_meta(&record.meta)?;
    statement.raw_execute()?;
    // Nobody has known it before.
    transaction.wrote();
    Ok(())
}

pub(super) fn commit(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    commit: &OwnedCommit,
    now: UnixMillis,
) -> rusqlite::Result<Committed> {
    let Some((id, before)) = query::live(transaction, key, now)? else { return Ok(Committed::Gone) };
    let commit = commit.get();
    if commit.expected.is_some_and(|expected| expected != before.revision) {
        return Ok(Committed::Conflict);
    }
    let after = before.after(commit);
    // The index of users is touched only when something besides the data may have changed.
    let mut statement = transaction.prepare_cached(if commit.meta.is_some() {
        "UPDATE sessions SET data = ?, revision = ?, deadline = ?, seen_at = ?, created_at = ?, \
         absolute_deadline = ?, idle_timeout = ?, persistent = ?, handle = ?, user = ?, authenticated_at = ? \
         WHERE id = ?"
    } else {
        "UPDATE sessions SET data = ?, revision = ?, deadline = ?, seen_at = ? WHERE id = ?"
    })?;
    let mut values = Binder::new(&mut statement);
    values.bind_change(&after)?;
    if commit.meta.is_some() {
        values.bind_meta(&after.meta)?;
    }
    values.bind(id)?;
    statement.raw_execute()?;
    transaction.changed(key);
    Ok(Committed::Done(Arc::new(after)))
}

pub(super) fn touch(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    touch: Touch,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let Some((id, mut record)) = query::live(transaction, key, now)? else { return Ok(false) };
    record.visit(touch);
    let mut statement =
        transaction.prepare_cached("UPDATE sessions SET deadline = ?, seen_at = ? WHERE id = ?")?;
    statement.execute(params![millis(record.deadline), millis(record.seen_at), id])?;
    transaction.changed(key);
    Ok(true)
}

pub(super) fn rotate(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    rotation: Rotation,
    commit: &OwnedCommit,
    now: UnixMillis,
) -> rusqlite::Result<Committed> {
    let Some((id, before)) = query::live(transaction, key, now)? else { return Ok(Committed::Gone) };
    let commit = commit.get();
    let is_expected = commit.expected.is_none_or(|expected| expected == before.revision);
    if !is_expected || !make_room(transaction, &rotation.to, now)? {
        return Ok(Committed::Conflict);
    }
    let after = before.after(commit);
    if let Some(nonce) = rotation.alias {
        transaction
            .prepare_cached("UPDATE aliases SET nonce = NULL WHERE session = ? AND nonce IS NOT NULL")?
            .execute([id])?;
        transaction
            .prepare_cached("INSERT INTO aliases (key, session, nonce) VALUES (?, ?, ?)")?
            .execute(params![key.as_bytes(), id, nonce])?;
        transaction
            .prepare_cached(
                "DELETE FROM aliases WHERE session = ?1 AND id <= \
                 (SELECT id FROM aliases WHERE session = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![id, MAX_ALIASES])?;
    } else {
        transaction.prepare_cached("DELETE FROM aliases WHERE session = ?")?.execute([id])?;
    }
    let mut statement = transaction.prepare_cached(
        "UPDATE sessions SET key = ?, confirmed = ?, data = ?, revision = ?, deadline = ?, seen_at = ?, \
         created_at = ?, absolute_deadline = ?, idle_timeout = ?, persistent = ?, handle = ?, user = ?, \
         authenticated_at = ? WHERE id = ?",
    )?;
    let mut values = Binder::new(&mut statement);
    values.bind(rotation.to.as_bytes())?.bind(rotation.alias.is_none())?;
    values.bind_change(&after)?.bind_meta(&after.meta)?.bind(id)?;
    statement.raw_execute()?;
    transaction.changed(key);
    Ok(Committed::Done(Arc::new(after)))
}

pub(super) fn confirm_rotation(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    retire_at: UnixMillis,
) -> rusqlite::Result<()> {
    transaction.wrote();
    let session: Option<i64> = transaction
        .prepare_cached("UPDATE sessions SET confirmed = 1 WHERE key = ? RETURNING id")?
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(session) = session else {
        // Seen late: the key is an alias by now, and retires those before it only.
        transaction
            .prepare_cached(
                "UPDATE aliases AS earlier SET retire_at = ?2 FROM aliases AS seen WHERE seen.key = ?1 \
                 AND earlier.session = seen.session AND earlier.id < seen.id AND earlier.retire_at IS NULL",
            )?
            .execute(params![key.as_bytes(), millis(retire_at)])?;
        return Ok(());
    };
    transaction
        .prepare_cached(
            "UPDATE aliases SET nonce = NULL, retire_at = coalesce(retire_at, ?2) \
             WHERE session = ?1 AND (nonce IS NOT NULL OR retire_at IS NULL)",
        )?
        .execute(params![session, millis(retire_at)])?;
    Ok(())
}

pub(super) fn delete(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let Some(id) = query::session_of(transaction, key)? else { return Ok(false) };
    let deleted = transaction
        .prepare_cached("DELETE FROM sessions WHERE id = ? RETURNING key, deadline")?
        .query_row([id], |row| Ok((read_key(row, 0)?, row.get(1)?)))
        .optional()?;
    let Some((key, deadline)) = deleted else { return Ok(false) };
    transaction.changed(&key);
    Ok(from_millis(deadline) > now)
}

pub(super) fn delete_all_of(
    transaction: &Transaction<'_>,
    user: &UserId,
    except: Option<&StoreKey>,
    now: UnixMillis,
) -> rusqlite::Result<u64> {
    let spared = except.map(|key| query::session_of(transaction, key)).transpose()?.flatten();
    let mut statement = transaction
        .prepare_cached("DELETE FROM sessions WHERE user = ? AND id IS NOT ? RETURNING key, deadline > ?")?;
    let mut rows = statement.query(params![user.as_str(), spared, millis(now)])?;
    let mut were_live = 0;
    while let Some(row) = rows.next()? {
        transaction.changed(&read_key(row, 0)?);
        were_live += u64::from(row.get::<_, bool>(1)?);
    }
    Ok(were_live)
}

/// A share of a sweep.
pub(super) struct Swept {
    pub(super) records: u64,
    /// Of the sessions that are gone.
    pub(super) handles: Vec<Handle>,
    /// Whether there are no more.
    pub(super) all: bool,
}

/// Removes some of the records that are due, the oldest first.
pub(super) fn sweep(transaction: &Transaction<'_>, now: UnixMillis) -> rusqlite::Result<Swept> {
    let start = Instant::now();
    let mut swept = Swept { records: 0, handles: Vec::new(), all: false };
    while !swept.all && start.elapsed() < SWEEPING_TIME {
        let records = sweep_some(transaction, now, &mut swept.handles)?;
        swept.records += records;
        swept.all = records < SWEPT_AT_ONCE;
    }
    Ok(swept)
}

fn sweep_some(
    transaction: &Transaction<'_>,
    now: UnixMillis,
    handles: &mut Vec<Handle>,
) -> rusqlite::Result<u64> {
    let mut statement = transaction.prepare_cached(
        "DELETE FROM sessions WHERE id IN \
         (SELECT id FROM sessions WHERE deadline <= ? ORDER BY deadline LIMIT ?) RETURNING handle",
    )?;
    let mut rows = statement.query(params![millis(now), SWEPT_AT_ONCE])?;
    let mut swept = 0;
    while let Some(row) = rows.next()? {
        swept += 1;
        // A damaged record has ended like any other.
        handles.extend(row.get_ref(0)?.as_str().ok().and_then(|handle| handle.parse::<Handle>().ok()));
    }
    // What has ended is answered by nobody: only the writing itself is told.
    if swept > 0 {
        transaction.wrote();
    }
    Ok(swept)
}

/// Gives pages back to the file system, a few at a time, once a quarter of the file is free. `false`: there is nothing to
/// do.
pub(super) fn shrink(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    const WORTH_IT: i64 = 256;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (free, all) = (pragma("freelist_count")?, pragma("page_count")?);
    let is_worth_it = free > WORTH_IT && free > all / 4;
    if is_worth_it {
        let mut statement = transaction.prepare_cached("PRAGMA incremental_vacuum(32)")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        transaction.wrote();
    }
    Ok(is_worth_it)
}

/// Whether nothing live has the key; what has ended under it is removed.
fn make_room(transaction: &Transaction<'_>, key: &StoreKey, now: UnixMillis) -> rusqlite::Result<bool> {
    let Some(id) = query::session_of(transaction, key)? else { return Ok(true) };
    let ended = transaction
        .prepare_cached("DELETE FROM sessions WHERE id = ? AND key = ? AND deadline <= ?")?
        .execute(params![id, key.as_bytes(), millis(now)])?;
    Ok(ended == 1)
}
