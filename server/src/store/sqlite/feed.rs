//! What other processes change, and what this one does: read from the table of changes whenever somebody has committed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::error::store_error;
use super::lane::Guard;
use super::transaction::{self, Transaction};
use super::wal_index::{Version, WalIndex};
use crate::store::News;

/// How often it is looked whether others have committed; looking takes two reads of memory.
const PAUSE: Duration = Duration::from_millis(5);

/// How often one look is repeated because somebody has committed meanwhile.
const TRIES: usize = 32;

/// Tells the store's [`News`] each change once, its own process's before the change is acknowledged.
///
/// The news is current exactly as long as nobody else has committed: what is answered from a cache is what the file
/// holds, not what it held a moment ago.
pub(super) struct Feed {
    index: Arc<Index>,
    told: Mutex<Told>,
    news: News,
    guard: Guard,
    follower: OnceLock<()>,
}

/// The state of the database up to which everything has been told.
#[derive(Default)]
struct Told {
    version: Version,
    /// The last entry in the table of changes.
    last: i64,
}

/// Compares without a lock.
struct Index {
    wal: Arc<WalIndex>,
    /// The version's checksum.
    told: AtomicU64,
}

impl Feed {
    pub(super) fn new(wal: Arc<WalIndex>, guard: Guard) -> Arc<Self> {
        let index = Arc::new(Index { wal, told: AtomicU64::new(0) });
        let news = News::proved_by({
            let index = Arc::clone(&index);
            move || index.wal.checksum() == index.told.load(Ordering::Acquire)
        });
        Arc::new(Self { index, told: Mutex::default(), news, guard, follower: OnceLock::new() })
    }

    /// Others' changes are looked for from the first time on.
    pub(super) fn news(self: &Arc<Self>) -> &News {
        self.follower.get_or_init(|| {
            let feed = Arc::downgrade(self);
            let thread = std::thread::Builder::new().name("twinjar-sqlite-news".to_owned());
            if let Err(error) = thread.spawn(move || follow(&feed)) {
                tracing::warn!(%error, "changes by other processes are not looked for");
            }
        });
        &self.news
    }

    /// Commits what the writer has done, and tells it. As long as the transaction lasts, nobody else commits.
    pub(super) fn commit(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let Some((entry, keys)) = transaction.tell()? else { return transaction.commit() };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.index.wal.version();
        if before != told.version {
            let others = transaction::told_between(transaction, told.last, entry)?;
            self.pass_on(&mut told, before, &others);
        }
        transaction.commit()?;
        keys.iter().for_each(|key| self.news.changed(key));
        let after = self.index.wal.version();
        if after.commits == before.commits.wrapping_add(1) {
            self.set(&mut told, after, entry);
        }
        Ok(())
    }

    /// Tells what others have committed.
    fn look(&self) -> rusqlite::Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..TRIES {
            let (moment, version) = (Instant::now(), self.index.wal.version());
            if version == told.version {
                self.news.heard_up_to(moment);
                return Ok(());
            }
            let others =
                self.index.wal.read(|database| transaction::told_between(database, told.last, i64::MAX))?;
            // Else the entries may be those of another version.
            if self.index.wal.version() == version {
                self.pass_on(&mut told, version, &others);
            }
        }
        Ok(())
    }

    fn pass_on(&self, told: &mut Told, version: Version, others: &transaction::Told) {
        if version.commits == told.version.commits.wrapping_add(others.count) {
            others.keys.iter().for_each(|key| self.news.changed(key));
        } else {
            // Somebody writes without saying what, or has written more than is kept.
            self.news.lost();
        }
        self.set(told, version, others.last);
    }

    fn set(&self, told: &mut Told, version: Version, last: i64) {
        *told = Told { version, last };
        self.index.told.store(version.checksum, Ordering::Release);
    }
}

/// Until nobody holds the store.
fn follow(feed: &Weak<Feed>) {
    let mut warned = false;
    while let Some(feed) = feed.upgrade() {
        let looked = match (feed.guard)() {
            Ok(()) => feed.look().map_err(store_error),
            Err(cause) => Err(cause.error()),
        };
        match looked {
            Ok(()) => warned = false,
            Err(error) => {
                feed.news.lost();
                if !std::mem::replace(&mut warned, true) {
                    tracing::warn!(%error, "changes by other processes are not heard of");
                }
            }
        }
        drop(feed);
        std::thread::sleep(PAUSE);
    }
}
