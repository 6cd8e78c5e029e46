//! Brings what has been committed from the log into the main file, beside the writer: no request waits for it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;

use super::error::file_error;
use super::wal_index::WalIndex;
use crate::store::StoreError;

/// Pages in the log that are worth it; SQLite's own default.
const ENOUGH: u32 = 1_000;

/// The log begins anew when all of it has been brought over and nobody reads it. Beside a busy writer there is always a
/// last bit left: from this length on, the writer does it, if it is short.
const LONG: u32 = 4_000;
const SHORT: u32 = 200;

/// The writer does all that is left.
const TOO_LONG: u32 = 16_000;

/// For the writer; the thread ends with it.
#[derive(Clone)]
pub(super) struct Checkpointer {
    index: Arc<WalIndex>,
    wake: SyncSender<()>,
}

impl Checkpointer {
    /// Starts a thread with a connection of its own.
    pub(super) fn start(connection: Connection, index: Arc<WalIndex>) -> Result<Self, StoreError> {
        // One word waiting says as much as many.
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new().name("twinjar-sqlite-checkpoint".to_owned());
        thread.spawn(move || work(&connection, &woken)).map_err(file_error)?;
        Ok(Self { index, wake })
    }

    /// Called by the writer after each transaction, when all have their answers.
    pub(super) fn committed(&self, writer: &Connection) {
        let log = self.index.log();
        let left = log.pages.saturating_sub(log.brought_over);
        if log.pages >= TOO_LONG || (log.pages >= LONG && left <= SHORT) {
            // Where another process is at it, it will come to its end.
            let _ = checkpoint(writer);
        } else if left >= ENOUGH {
            let _ = self.wake.try_send(());
        }
    }
}

fn work(connection: &Connection, woken: &Receiver<()>) {
    let mut warned = false;
    while woken.recv().is_ok() {
        match checkpoint(connection) {
            Ok(()) => warned = false,
            Err(error) => {
                if !std::mem::replace(&mut warned, true) {
                    tracing::warn!(%error, "the log of the SQLite file cannot be brought into it");
                }
            }
        }
    }
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |_| Ok(()))
}
