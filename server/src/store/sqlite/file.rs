//! The database file: made private, checked before it is touched, brought to the present schema.

use std::fs::{Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::Synchronous;
use super::error::{Cause, file_error, store_error};
use super::lane::Guard;
use crate::store::{StoreError, StoreErrorKind};

/// `twjr`: tells this library's databases from others.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"twjr");

/// The schema's versions, in order: what is number 1 makes version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_sessions.sql"),
    include_str!("../../../migrations/sqlite/0002_changes.sql"),
];

/// The write-ahead log is cut to this size after it has grown.
const LOG_BYTES: u64 = 64 << 20;

/// How connections to one file are made.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Absolute: SQLite takes some relative names, as `:memory:`, for something else.
    path: PathBuf,
    synchronous: Synchronous,
    timeout: Duration,
    max_bytes: Option<u64>,
}

impl File {
    pub(super) fn new(
        path: &Path,
        synchronous: Synchronous,
        timeout: Duration,
        max_bytes: Option<u64>,
    ) -> Result<Self, StoreError> {
        Ok(Self { path: std::path::absolute(path).map_err(file_error)?, synchronous, timeout, max_bytes })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file if there is none, and brings it to the present schema.
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        self.create().map_err(|error| {
            let message = format!("cannot create {}: {error}", self.path.display());
            file_error(io::Error::new(error.kind(), message))
        })?;
        let mut connection = self.connect_unprepared().map_err(store_error)?;
        // Asked first: where nothing may be written, SQLite cannot even read along with others.
        if connection.is_readonly("main").map_err(store_error)? {
            return Err(StoreError::new(StoreErrorKind::ReadOnly));
        }
        let version = {
            // One moment: another process may be setting the file up.
            let snapshot = connection.transaction().map_err(store_error)?;
            version(&snapshot)?
        };
        if version == 0 {
            // Has to come before the first table.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(store_error)?;
        }
        self.use_write_ahead_log(&connection).map_err(store_error)?;
        if version < MIGRATIONS.len() { migrate(&mut connection) } else { Ok(()) }
    }

    /// A connection to a prepared file.
    pub(super) fn connect(&self) -> Result<Connection, StoreError> {
        let connect = || {
            let connection = self.connect_unprepared()?;
            // As many statements as there are operations, and some.
            connection.set_prepared_statement_cache_capacity(64);
            let synchronous = match self.synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            };
            connection.pragma_update(None, "synchronous", synchronous)?;
            connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
            // The store has a thread for that.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.pragma_update(None, "cache_size", -8 * 1024)?;
            // What sessions have held is overwritten where that costs no further write.
            connection.pragma_update(None, "secure_delete", "FAST")?;
            if let Some(bytes) = self.max_bytes {
                let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
                connection.pragma_update(None, "max_page_count", bytes / page)?;
            }
            Ok(connection)
        };
        connect().map_err(store_error)
    }

    /// Refuses once the file has been moved or deleted: SQLite would go on with one that nobody finds again.
    pub(super) fn guard(&self) -> Result<Guard, StoreError> {
        let path = self.path.clone();
        let opened = identity(&std::fs::metadata(&path).map_err(file_error)?);
        Ok(Arc::new(move || {
            let present = identity(&std::fs::metadata(&path)?);
            if present == opened {
                return Ok(());
            }
            Err(Cause::from(io::Error::other("the database file was replaced while it was in use")))
        }))
    }

    /// An existing file is not opened here: closing it again would drop the locks that SQLite holds on it elsewhere
    /// in this process.
    fn create(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            created => created.map(drop),
        }
    }

    fn connect_unprepared(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.timeout)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        Ok(connection)
    }

    /// While another process opens the file, SQLite may call this busy without waiting.
    fn use_write_ahead_log(&self, connection: &Connection) -> rusqlite::Result<()> {
        let give_up = Instant::now() + self.timeout;
        loop {
            match connection.pragma_update(None, "journal_mode", "WAL") {
                Err(error) if is_busy(&error) && Instant::now() < give_up => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                outcome => return outcome,
            }
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The version of the schema; 0 in an empty file. Any other application's database is left alone.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(store_error);
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let is_empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
    let incompatible =
        |why: String| Err(StoreError::with_source(StoreErrorKind::Incompatible, io::Error::other(why)));
    match (application, usize::try_from(version)) {
        (0, Ok(0)) if is_empty => Ok(0),
        (APPLICATION_ID, Ok(version)) if version <= MIGRATIONS.len() => Ok(version),
        (APPLICATION_ID, _) => incompatible(format!(
            "its schema has version {version}, and this library knows up to {}",
            MIGRATIONS.len()
        )),
        _ => incompatible("it is the database of another application".to_owned()),
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    // Asked again: another process may have been quicker.
    let version = version(&transaction)?;
    let apply = || {
        for migration in &MIGRATIONS[version..] {
            transaction.execute_batch(migration)?;
        }
        if version < MIGRATIONS.len() {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
        }
        transaction.commit()
    };
    apply().map_err(store_error)
}

/// What tells one file from another of the same name.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) {}
