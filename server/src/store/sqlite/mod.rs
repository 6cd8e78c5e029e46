//! Sessions in a SQLite file: one writer that commits many operations at once, several readers, and as many processes
//! as one machine has.

mod builder;
mod change;
mod checkpoint;
mod error;
mod feed;
mod file;
mod lane;
mod locks;
mod query;
mod row;
#[cfg(test)]
mod tests;
mod transaction;
mod transfer;
mod wal_index;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::{SqliteStoreBuilder, Synchronous};
use self::change::OwnedCommit;
use self::feed::Feed;
use self::lane::Lane;
use self::locks::FileLocks;
use self::transaction::Transaction;
use super::{
    Commit, Committed, Loaded, News, Record, Rotation, SessionStore, StoreError, StoreFuture, StoreLock,
    Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// What one call to `sweep` removes, at least, where there is as much: more than sessions end in a second.
const SWEPT_AT_ONCE: u64 = 10_000;

/// Between its transactions, for others.
const PAUSE: Duration = Duration::from_millis(2);

/// How often one call to `sweep` makes the file smaller, at most.
const SHRINKS_AT_ONCE: u32 = 16;

/// Keeps sessions in a SQLite file: they survive the server, and several servers on one machine can share them.
///
/// Clones share the connections. What is acknowledged has been committed: it survives the end of the process, and with
/// [`Synchronous::Full`], the default, a power cut. Operations that wait at the same moment share a commit. The async
/// runtime never waits for the disk: threads of the store's own do.
///
/// Servers on one file hear what the others change, a few milliseconds later, and event streams follow. A
/// [`NearCache`](super::NearCache) in front of the store is never behind the file: whether anybody has committed is seen
/// in memory that SQLite shares between its processes, at each read.
///
/// SQLite locks files as local file systems do: the file belongs on none that is mounted from elsewhere. A copy while
/// servers run is made by `sqlite3 sessions.sqlite "VACUUM INTO 'copy.sqlite'"`, not by copying the file.
///
/// ```
/// use twinjar_server::store::{NearCache, NearCacheLimits, SqliteStore, Synchronous};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("sessions.sqlite");
/// let store = SqliteStore::open(&path)?;
/// // Or, with something set:
/// let store = SqliteStore::builder().synchronous(Synchronous::Normal).max_bytes(1 << 30).open(&path)?;
/// // With a near cache:
/// let store = NearCache::new(store, NearCacheLimits::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    writer: Lane,
    readers: Lane,
    locks: FileLocks,
    feed: Arc<Feed>,
}

impl SqliteStore {
    /// Opens the file with the defaults of [`SqliteStore::builder`], or creates it.
    ///
    /// # Errors
    /// Those of [`SqliteStoreBuilder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder().open(path)
    }

    /// Sets up a store.
    ///
    /// # Defaults
    /// - an acknowledged write survives a power cut ([`Synchronous::Full`])
    /// - an operation waits 5 seconds at most
    /// - as many readers as the machine has processors, but not more than 4
    /// - no limit to the file's size
    pub fn builder() -> SqliteStoreBuilder {
        SqliteStoreBuilder::new()
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SessionStore for SqliteStore {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        let key = *key;
        StoreFuture::new(self.0.writer.run(move |database| change::create(database, &key, &record, now)))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        let key = *key;
        StoreFuture::new(self.0.readers.run(move |database| query::load(database, &key, now)))
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        let (key, commit) = (*key, OwnedCommit::new(commit));
        StoreFuture::new(self.0.writer.run(move |database| change::commit(database, &key, &commit, now)))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        let key = *key;
        StoreFuture::new(self.0.writer.run(move |database| change::touch(database, &key, touch, now)))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        let (key, commit) = (*key, OwnedCommit::new(commit));
        let rotate = move |database: &Transaction<'_>| change::rotate(database, &key, rotation, &commit, now);
        StoreFuture::new(self.0.writer.run(rotate))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        let key = *key;
        let confirm = move |database: &Transaction<'_>| change::confirm_rotation(database, &key, retire_at);
        StoreFuture::new(self.0.writer.run(confirm))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        let key = *key;
        // Somebody who logs out and leaves is logged out.
        StoreFuture::new(self.0.writer.insist(move |database| change::delete(database, &key, now)))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        let user = user.clone();
        StoreFuture::new(self.0.readers.run(move |database| query::list(database, &user, now)))
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        let (user, except) = (user.clone(), except.copied());
        let delete =
            move |database: &Transaction<'_>| change::delete_all_of(database, &user, except.as_ref(), now);
        StoreFuture::new(self.0.writer.insist(delete))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        StoreFuture::new(async move { Ok(StoreLock::new(self.0.locks.acquire(key).await?)) })
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.sweep_and_tell(now, &|_| {})
    }

    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let mut swept = 0;
            // One transaction each, so that other writes get between.
            while swept < SWEPT_AT_ONCE {
                let share = self.0.writer.run(move |database| change::sweep(database, now)).await?;
                swept += share.records;
                share.handles.into_iter().for_each(ended);
                if share.all {
                    let mut shares = SHRINKS_AT_ONCE;
                    while shares > 0 && self.0.writer.run(change::shrink).await? {
                        shares -= 1;
                    }
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            Ok(swept)
        })
    }

    fn news(&self) -> Option<&News> {
        Some(self.0.feed.news())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        // The writer's every transaction asks for what a write needs, and for the file.
        StoreFuture::new(
            self.0.writer.run(|database| {
                database.prepare_cached("SELECT id FROM sessions LIMIT 1")?.exists([]).map(drop)
            }),
        )
    }
}
