//! A database of a test's own, and records to put in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::value::RawValue;
use tempfile::TempDir;

use crate::store::{
    Commit, Committed, Identity, Loaded, Meta, Patch, Record, Rotation, SessionData, SessionStore,
    SqliteStore, StoreError, StoreErrorKind, Touch, UserId,
};
use crate::{Clock, Handle, StoreKey, SystemClock, UnixMillis};

pub(super) const LIFE: Duration = Duration::from_secs(3600);

/// A directory for a database, removed with the test.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.path().join("sessions.sqlite")
    }

    pub(super) fn directory(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn open(&self) -> SqliteStore {
        SqliteStore::open(self.file()).unwrap()
    }

    /// Brings all into the main file. The threads of a store close their connections some time after it is dropped.
    pub(super) async fn give_up_the_log(&self) {
        let connection = self.sqlite();
        while connection.pragma_update(None, "journal_mode", "DELETE").is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The file as any other program sees it.
    pub(super) fn sqlite(&self) -> Connection {
        let connection = Connection::open(self.file()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection
    }

    pub(super) fn count(&self, table: &str) -> i64 {
        self.sqlite().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub(super) fn now() -> UnixMillis {
    SystemClock.now()
}

pub(super) fn key(number: u64) -> StoreKey {
    use sha2::Digest;
    StoreKey::from_bytes(sha2::Sha256::digest(number.to_be_bytes()).into())
}

pub(super) fn record(data: &str) -> Record {
    let now = now();
    let meta = Meta {
        handle: Handle::generate(),
        created_at: now,
        absolute_deadline: now + LIFE * 10,
        idle_timeout: LIFE,
        persistent: false,
        identity: Some(Arc::new(Identity { user: UserId::new("alice"), authenticated_at: now })),
    };
    let data = SessionData::parse(data).unwrap();
    Record { data, revision: 1, deadline: now + LIFE, seen_at: now, meta }
}

pub(super) fn set(value: &str) -> Patch {
    let mut patch = Patch::default();
    patch.set("n", RawValue::from_string(value.to_owned()).unwrap());
    patch
}

pub(super) fn change(patch: &Patch) -> Commit<'_> {
    let now = now();
    Commit { patch, expected: None, touch: Touch { deadline: now + LIFE, seen_at: now }, meta: None }
}

pub(super) async fn create(store: &SqliteStore, number: u64) -> Result<bool, StoreError> {
    store.create(&key(number), record(r#"{"n":0}"#), now()).await
}

pub(super) async fn put(store: &SqliteStore, number: u64, value: &str) -> Result<Committed, StoreError> {
    store.commit(&key(number), change(&set(value)), now()).await
}

pub(super) async fn rotate(store: &SqliteStore, from: u64, to: u64) {
    let patch = Patch::default();
    let rotation = Rotation { to: key(to), alias: Some([7; 16]) };
    done(&store.rotate(&key(from), rotation, change(&patch), now()).await);
}

/// The value `n` of a session, `None` when there is no session.
pub(super) async fn value(store: &SqliteStore, number: u64) -> Result<Option<String>, StoreError> {
    match store.load(&key(number), now()).await? {
        Some(Loaded::Live { record, .. }) => Ok(record.data.get("n").map(str::to_owned)),
        None => Ok(None),
        other => panic!("{other:?}"),
    }
}

pub(super) fn kind<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> StoreErrorKind {
    outcome.unwrap_err().kind()
}

/// The commit has to succeed.
pub(super) fn done(outcome: &Result<Committed, StoreError>) {
    assert!(matches!(outcome, Ok(Committed::Done(_))), "{outcome:?}");
}
