//! A near cache: the sessions that this process has read last, kept right by what the store hears.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::{Cache, GuardResult};

use super::{
    Commit, Committed, Loaded, Located, News, NewsListener, Record, Rotation, SessionStore, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// Answers for a store from memory, as long as nobody has changed the session.
///
/// It needs a store that gives [news](SessionStore::news); in front of any other it passes everything on. Reading a
/// session that has not changed takes no round trip. What this process changes itself, it sees at once; what others
/// change, as soon as the store hears of it. While the store's channel is lost or silent, nothing is answered from
/// here, and after it was lost the cache is empty: a change is overlooked for one second at most, and for that only
/// where the channel freezes without breaking. In front of a store that proves its news at each read, as `SqliteStore`
/// does, nothing is overlooked at all. Locks are taken, and sessions of a user listed, in the store itself.
///
/// ```
/// use twinjar_server::store::{MemoryStore, NearCache, NearCacheLimits};
///
/// let limits = NearCacheLimits { sessions: 10_000, bytes: 16 << 20 };
/// // In earnest, in front of a store that hears what others change: RedisStore, PostgresStore, SqliteStore.
/// let store = NearCache::new(MemoryStore::new(), limits);
/// ```
pub struct NearCache<S> {
    store: S,
    kept: Arc<Kept>,
}

/// How much a [`NearCache`] keeps; what was read longest ago makes room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearCacheLimits {
    /// The largest number of sessions. Default: 50,000.
    pub sessions: usize,
    /// The largest sum of their sizes in memory, in bytes. Default: 64 MiB.
    pub bytes: usize,
}

impl Default for NearCacheLimits {
    fn default() -> Self {
        Self { sessions: 50_000, bytes: 64 << 20 }
    }
}

/// Live records whose keys have been confirmed.
struct Kept(Cache<StoreKey, Arc<Record>, Size>);

impl<S: SessionStore> NearCache<S> {
    /// An empty cache in front of a store.
    pub fn new(store: S, limits: NearCacheLimits) -> Self {
        let (sessions, bytes) = (limits.sessions.max(1), limits.bytes.max(1));
        let size = Size { least: (bytes / sessions).max(1) as u64 };
        let kept = Arc::new(Kept(Cache::with_weighter(sessions, bytes as u64, size)));
        if let Some(news) = store.news() {
            let listener: Weak<dyn NewsListener> = Arc::downgrade(&kept) as _;
            news.listen(listener);
        }
        Self { store, kept }
    }

    /// How many sessions it holds.
    pub fn len(&self) -> usize {
        self.kept.0.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.kept.0.is_empty()
    }

    /// The store behind it.
    pub const fn store(&self) -> &S {
        &self.store
    }

    fn is_current(&self) -> bool {
        self.store.news().is_some_and(News::is_current)
    }

    /// What is kept, if it may be answered with.
    fn known(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        // In this order: what is kept after that moment holds for that moment.
        self.is_current().then(|| self.kept.0.get(key)).flatten().filter(|record| record.is_live(now))
    }

    /// The returned value drops what is kept under the key when the operation has ended, however it ends: also a load
    /// that was sent before it, and comes back after it, must leave nothing here.
    fn changing(&self, key: StoreKey) -> Changing<'_> {
        Changing { kept: &self.kept, key }
    }

    async fn load_through(
        &self,
        key: &StoreKey,
        now: UnixMillis,
    ) -> Result<Option<Loaded>, super::StoreError> {
        // The guard holds the place: a word of a change, or a change made here, takes it away again.
        let guard = match self.is_current().then(|| self.kept.0.get_value_or_guard(key, Some(Duration::ZERO)))
        {
            Some(GuardResult::Guard(guard)) => Some(guard),
            // Somebody else is loading it, or what is kept has ended by this clock.
            Some(GuardResult::Value(_) | GuardResult::Timeout) => None,
            // What is kept may be answered with again, once a late proof has come.
            None => None,
        };
        let loaded = self.store.load(key, now).await?;
        match (guard, &loaded) {
            (Some(guard), Some(Loaded::Live { record, unconfirmed: false })) => {
                // Refused where the session has changed meanwhile.
                let _ = guard.insert(Arc::clone(record));
            }
            (Some(_), _) => {}
            (None, _) => self.outdate(key, &loaded),
        }
        Ok(loaded)
    }

    /// Whoever has seen this, sees nothing older from now on.
    fn outdate(&self, key: &StoreKey, seen: &Option<Loaded>) {
        let is_older = match self.kept.0.get_value_or_guard(key, Some(Duration::ZERO)) {
            GuardResult::Value(kept) => match seen {
                Some(Loaded::Live { record, .. }) => kept != *record && kept.revision <= record.revision,
                _ => true,
            },
            // Somebody else is still loading it, and may have asked before.
            GuardResult::Timeout => true,
            GuardResult::Guard(_) => false,
        };
        if is_older {
            self.kept.0.remove(key);
        }
    }
}

impl<S: SessionStore> SessionStore for NearCache<S> {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        let changing = self.changing(*key);
        StoreFuture::new(async move {
            let _changing = changing;
            self.store.create(key, record, now).await
        })
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        match self.known(key, now) {
            Some(record) => StoreFuture::ready(Ok(Some(Loaded::Live { record, unconfirmed: false }))),
            None => StoreFuture::new(self.load_through(key, now)),
        }
    }

    fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        self.known(key, now)
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        let changing = self.changing(*key);
        StoreFuture::new(async move {
            let _changing = changing;
            self.store.commit(key, commit, now).await
        })
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        let changing = self.changing(*key);
        StoreFuture::new(async move {
            let _changing = changing;
            self.store.touch(key, touch, now).await
        })
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        let changing = [self.changing(*key), self.changing(rotation.to)];
        StoreFuture::new(async move {
            let _changing = changing;
            self.store.rotate(key, rotation, commit, now).await
        })
    }

    fn can_rotate(&self, from: &StoreKey, to: &StoreKey) -> bool {
        self.store.can_rotate(from, to)
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        self.store.confirm_rotation(key, retire_at)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        let changing = self.changing(*key);
        StoreFuture::new(async move {
            let _changing = changing;
            // What an alias leads to is kept under another key. What cannot be read can be deleted.
            let _leads_to = match self.kept.0.peek(key) {
                Some(_) => None,
                None => match self.store.load(key, now).await {
                    Ok(Some(Loaded::Alias(alias))) => Some(self.changing(alias.successor)),
                    Ok(Some(Loaded::Retired { successor })) => Some(self.changing(successor)),
                    Ok(Some(Loaded::Live { .. }) | None) | Err(_) => None,
                },
            };
            self.store.delete(key, now).await
        })
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        self.store.list(user, now)
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let sessions = self.store.list(user, now).await?;
            let _changing: Vec<_> = sessions.into_iter().map(|(key, _)| self.changing(key)).collect();
            self.store.delete_all_of(user, except, now).await
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        // Who has got the lock sees what the last holder has left, whether or not the word of it has come.
        let changing = self.changing(*key);
        StoreFuture::new(async move {
            let _changing = changing;
            self.store.lock(key).await
        })
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.store.sweep(now)
    }

    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        self.store.sweep_and_tell(now, ended)
    }

    fn news(&self) -> Option<&News> {
        self.store.news()
    }

    fn locate<'a>(&'a self, key: &'a StoreKey, handle: Handle, now: UnixMillis) -> StoreFuture<'a, Located> {
        self.store.locate(key, handle, now)
    }

    fn recall(&self, key: &StoreKey) -> Option<Arc<Record>> {
        self.store.recall(key).or_else(|| self.kept.0.get(key))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
    }
}

impl<S: fmt::Debug> fmt::Debug for NearCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NearCache").field("store", &self.store).finish_non_exhaustive()
    }
}

impl NewsListener for Kept {
    fn changed(&self, key: &StoreKey) {
        self.0.remove(key);
    }

    fn missed(&self) {
        self.0.clear();
    }
}

/// See [`NearCache::changing`].
struct Changing<'a> {
    kept: &'a Kept,
    key: StoreKey,
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.kept.0.remove(&self.key);
    }
}

/// Both limits in one: a session counts for its bytes, and for its share of them where it is smaller.
#[derive(Clone)]
struct Size {
    least: u64,
}

impl Weighter<StoreKey, Arc<Record>> for Size {
    fn weight(&self, _: &StoreKey, record: &Arc<Record>) -> u64 {
        /// A record without its texts, its place in the table and the blocks it is made of.
        const FIXED: usize = size_of::<Record>() + 2 * size_of::<StoreKey>() + 128;
        let user = record.meta.identity.as_ref().map_or(0, |identity| identity.user.as_str().len() + 48);
        self.least.max((FIXED + record.data.as_str().len() + user) as u64)
    }
}
