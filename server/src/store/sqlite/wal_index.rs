//! Tells whether anybody has committed, without a lock and without a system call: the header of the write-ahead log's
//! index, which is in memory that all processes on the file share.

use std::ffi::c_int;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, ffi};

/// The mapping as SQLite makes it: in parts of this size.
const PART_BYTES: c_int = 32 * 1024;

/// Twice 48 bytes, the second of which is written first, and what has been brought into the main file.
const WORDS: usize = 13;
const COMMITS: usize = 7;
const PAGES: usize = 8;
const CHECKSUM: usize = 11;
const BROUGHT_OVER: usize = 12;

/// A connection, and where it has mapped the index.
pub(super) struct WalIndex {
    header: &'static [AtomicU64; WORDS],
    /// Holds the mapping.
    connection: Mutex<Connection>,
}

/// A state of the database: the same as long as nobody commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Counts the transactions that have written something; begins anew, with another checksum, after a recovery.
    pub(super) commits: u32,
    /// Of the whole header, with the checksum of the log so far.
    pub(super) checksum: u64,
}

/// How long the log is, in pages.
pub(super) struct Log {
    pub(super) pages: u32,
    /// So many, from the first on, are in the main file too.
    pub(super) brought_over: u32,
}

impl WalIndex {
    /// `None`: the system does not share the index, or not as documented. The connection has to be in WAL mode.
    #[allow(unsafe_code, reason = "the mapping is reached through SQLite's C interface only")]
    pub(super) fn new(connection: Connection) -> rusqlite::Result<Option<Self>> {
        // The index is mapped with the first read.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let mut part = ptr::null_mut();
        // SAFETY: the handle is that of an open connection, which nobody else uses; SQLite fills in a pointer to its
        // file, whose table of methods has xShmMap from version 2 on; region 0 is there after the first read.
        let outcome = unsafe {
            let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
            let (place, operation) = ((&raw mut file).cast(), ffi::SQLITE_FCNTL_FILE_POINTER);
            let outcome = ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), operation, place);
            let methods = file.as_ref().and_then(|file| file.pMethods.as_ref());
            match methods.filter(|methods| methods.iVersion >= 2).and_then(|methods| methods.xShmMap) {
                Some(map) if outcome == ffi::SQLITE_OK => map(file, 0, PART_BYTES, 0, &raw mut part),
                _ => return Ok(None),
            }
        };
        let header: *const [AtomicU64; WORDS] = part.cast_const().cast();
        if outcome != ffi::SQLITE_OK || header.is_null() {
            return Ok(None);
        }
        // SAFETY: the mapping begins a page and is longer than the header; it stays where it is until the connection
        // is closed, which lives as long as this value does, and the reference never leaves it. Others write to it
        // as SQLite does in all its processes: whole words, ordered by barriers.
        let header = unsafe { &*header };
        Ok(Some(Self { header, connection: Mutex::new(connection) }))
    }

    pub(super) fn version(&self) -> Version {
        Version { commits: self.first_half(COMMITS), checksum: self.checksum() }
    }

    pub(super) fn log(&self) -> Log {
        Log { pages: self.first_half(PAGES), brought_over: self.first_half(BROUGHT_OVER) }
    }

    /// The version's checksum alone.
    pub(super) fn checksum(&self) -> u64 {
        self.header[CHECKSUM].load(Ordering::Acquire)
    }

    /// Reads from the database.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> T) -> T {
        read(&self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn first_half(&self, word: usize) -> u32 {
        let [a, b, c, d, ..] = self.header[word].load(Ordering::Acquire).to_ne_bytes();
        u32::from_ne_bytes([a, b, c, d])
    }
}
