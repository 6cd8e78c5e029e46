//! What can be set on a SQLite store.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::Checkpointer;
use super::error::{file_error, store_error};
use super::feed::Feed;
use super::file::File;
use super::lane::{Lane, Mode, Writing};
use super::locks::FileLocks;
use super::wal_index::WalIndex;
use super::{Inner, SqliteStore};
use crate::store::{StoreError, StoreErrorKind};

/// Operations in one transaction, at most: what the last of them waits for is bounded.
const WRITES_AT_ONCE: usize = 256;
const READS_AT_ONCE: usize = 32;

/// Sets up a [`SqliteStore`]; see [`SqliteStore::builder`] for the defaults.
#[derive(Clone, Debug)]
#[must_use = "call open to get the store"]
pub struct SqliteStoreBuilder {
    synchronous: Synchronous,
    timeout: Duration,
    readers: NonZeroUsize,
    max_bytes: Option<u64>,
}

/// What an acknowledged write survives: SQLite's `synchronous` setting.
///
/// With both, a write is acknowledged only after it is committed, and survives the end of the process, however sudden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Survives a power cut and a crash of the operating system: each commit waits for the disk, once for all
    /// operations that wait at the same moment.
    #[default]
    Full,
    /// A power cut or a crash of the operating system may undo the last commits, so that an ended session may be there
    /// again. The file is not damaged. Commits do not wait for the disk.
    Normal,
}

impl SqliteStoreBuilder {
    pub(super) fn new() -> Self {
        const MOST_READERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            synchronous: Synchronous::Full,
            timeout: Duration::from_secs(5),
            readers: threads.min(MOST_READERS),
            max_bytes: None,
        }
    }

    /// What an acknowledged write survives.
    pub fn synchronous(mut self, level: Synchronous) -> Self {
        self.synchronous = level;
        self
    }

    /// How long an operation waits for other processes, for the operations before it and for the disk, until it fails
    /// as [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many threads read, each with a connection of its own. There is one that writes.
    pub fn readers(mut self, threads: NonZeroUsize) -> Self {
        self.readers = threads;
        self
    }

    /// The largest size of the file; beyond it, writes that need more room are refused as
    /// [`Full`](crate::store::StoreErrorKind::Full).
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Opens the file, or creates it, readable and writable for its owner alone. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`Incompatible`](crate::store::StoreErrorKind::Incompatible): the file is no database, another application's, or
    /// of a newer version. [`ReadOnly`](crate::store::StoreErrorKind::ReadOnly),
    /// [`Full`](crate::store::StoreErrorKind::Full), [`Corrupt`](crate::store::StoreErrorKind::Corrupt), or
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): what the source says.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        let file = File::new(path.as_ref(), self.synchronous, self.timeout, self.max_bytes)?;
        file.prepare()?;
        let guard = file.guard()?;
        let index = WalIndex::new(file.connect()?).map_err(store_error)?;
        let index = Arc::new(index.ok_or_else(|| {
            let why = "the file system does not share memory between the processes on a file";
            StoreError::with_source(StoreErrorKind::Unavailable, why)
        })?);
        let feed = Feed::new(Arc::clone(&index), Arc::clone(&guard));
        let checkpointer = Checkpointer::start(file.connect()?, index)?;
        let writing = Writing { feed: Arc::clone(&feed), checkpointer };
        let writing = Mode { begin: "BEGIN IMMEDIATE", batch: WRITES_AT_ONCE, writing: Some(writing) };
        let reading = Mode { begin: "BEGIN", batch: READS_AT_ONCE, writing: None };
        let connections = (0..self.readers.get()).map(|_| file.connect()).collect::<Result<_, _>>()?;
        let writer = Lane::start("sqlite-write", vec![file.connect()?], &writing, self.timeout, &guard)?;
        let readers = Lane::start("sqlite-read", connections, &reading, self.timeout, &guard)?;
        // As SQLite does with its own files: whatever links lead to the database, its locks are in one place.
        let locks = FileLocks::new(&std::fs::canonicalize(file.path()).map_err(file_error)?);
        Ok(SqliteStore(Arc::new(Inner { writer, readers, locks, feed })))
    }
}
