//! Sessions in this process's memory: sharded, bounded, swept in the background.

mod budget;
mod lineage;
mod sessions;
mod shard;
#[cfg(test)]
mod tests;
mod users;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::sessions::Sessions;
use super::locks::SessionLocks;
use super::{
    Commit, Committed, Loaded, Record, Rotation, SessionStore, StoreFuture, StoreLock, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// Keeps sessions in memory, for one process: they end with it.
///
/// Clones share the sessions. The store holds at most what its [`MemoryLimits`] allow; a new session, or a change
/// that would exceed them, is refused with [`StoreErrorKind::Full`](super::StoreErrorKind::Full) and nothing is evicted, because an evicted
/// session is a user logged out.
///
/// ```
/// use twinjar_server::store::{MemoryLimits, MemoryStore};
///
/// let store = MemoryStore::with_limits(MemoryLimits { sessions: 50_000, data_bytes: 64 << 20 });
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Inner>);

/// How much a [`MemoryStore`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimits {
    /// The largest number of sessions. Default: 1,000,000.
    pub sessions: usize,
    /// The largest sum of the sizes of the sessions' data, in bytes. Default: 1 GiB.
    pub data_bytes: usize,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { sessions: 1_000_000, data_bytes: 1 << 30 }
    }
}

struct Inner {
    sessions: Sessions,
    locks: Arc<SessionLocks>,
}

impl MemoryStore {
    /// A store with the default limits.
    pub fn new() -> Self {
        Self::with_limits(MemoryLimits::default())
    }

    /// A store with these limits.
    pub fn with_limits(limits: MemoryLimits) -> Self {
        Self(Arc::new(Inner { sessions: Sessions::new(limits), locks: Arc::default() }))
    }

    /// How many sessions it holds, expired ones that have not been swept among them.
    pub fn len(&self) -> usize {
        self.0.sessions.len()
    }

    /// Whether it holds no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes of data its sessions have, in all.
    pub fn data_bytes(&self) -> usize {
        self.0.sessions.data_bytes()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("sessions", &self.len())
            .field("limits", &self.0.sessions.limits())
            .finish()
    }
}

impl SessionStore for MemoryStore {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::ready(self.0.sessions.create(key, record, now))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::ready(Ok(self.0.sessions.load(key, now)))
    }

    fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        self.0.sessions.peek(key, now)
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(self.0.sessions.commit(key, commit, now))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.0.sessions.touch(key, touch, now)))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(self.0.sessions.rotate(key, rotation, commit, now))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        self.0.sessions.confirm_rotation(key, retire_at);
        StoreFuture::ready(Ok(()))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.0.sessions.delete(key, now)))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        StoreFuture::ready(Ok(self.0.sessions.list(user, now)))
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        StoreFuture::ready(Ok(self.0.sessions.delete_all_of(user, except, now)))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        let waiting = Arc::clone(&self.0.locks).acquire(*key);
        StoreFuture::new(async move { Ok(StoreLock::new(waiting.await)) })
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
            for share in self.0.sessions.sweep(now, ended) {
                swept += share as u64;
                // Requests on this thread go first.
                tokio::task::yield_now().await;
            }
            Ok(swept)
        })
    }

    fn answers_at_once(&self) -> bool {
        true
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::ready(Ok(()))
    }
}

/// A panic cannot leave a shard half-changed: every change is one insertion or removal of a finished record.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
