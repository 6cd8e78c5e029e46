//! A database of a test's own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::SqliteStore;

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
