//! Sessions in this process's memory: sharded, bounded, swept in the background.

mod locks;
mod shard;
mod users;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::locks::SessionLocks;
use self::shard::{Move, Shard};
use self::users::UserIndex;
use super::{
    Commit, Committed, Loaded, Record, Rotation, SessionStore, StoreError, StoreErrorKind, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{StoreKey, UnixMillis};

/// More shards than threads, and few enough records in each that growing or sweeping one takes well under a
/// millisecond at ten million sessions.
const SHARDS: usize = 1024;

/// Calls to `sweep` that make one round of all shards.
const SWEEPS_PER_ROUND: usize = 64;

/// Keeps sessions in memory, for one process: they end with it.
///
/// Clones share the sessions. The store holds at most what its [`MemoryLimits`] allow; a new session, or a change
/// that would exceed them, is refused with [`StoreErrorKind::Full`] and nothing is evicted, because an evicted
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
    shards: Box<[Mutex<Shard>]>,
    limits: MemoryLimits,
    sessions: AtomicUsize,
    data_bytes: AtomicUsize,
    next_sweep: AtomicUsize,
    users: UserIndex,
    locks: Arc<SessionLocks>,
}

impl MemoryStore {
    /// A store with the default limits.
    pub fn new() -> Self {
        Self::with_limits(MemoryLimits::default())
    }

    /// A store with these limits.
    pub fn with_limits(limits: MemoryLimits) -> Self {
        Self(Arc::new(Inner {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            limits,
            sessions: AtomicUsize::new(0),
            data_bytes: AtomicUsize::new(0),
            next_sweep: AtomicUsize::new(0),
            users: UserIndex::default(),
            locks: Arc::default(),
        }))
    }

    /// How many sessions it holds, expired ones that have not been swept among them.
    pub fn len(&self) -> usize {
        self.0.sessions.load(Ordering::Relaxed)
    }

    /// Whether it holds no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("sessions", &self.len()).field("limits", &self.0.limits).finish()
    }
}

impl SessionStore for MemoryStore {
    fn create<'a>(&'a self, key: &'a StoreKey, record: Record, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::ready(self.0.create(key, record, now))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::ready(Ok(self.0.load(key, now)))
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(self.0.commit(key, commit, now))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.0.shard(key).touch(key, touch, now)))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(self.0.rotate(key, rotation, commit, now))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        let mut key = *key;
        // One shard at a time: a rotation of a key that was never seen has a predecessor of its own.
        while let Some(predecessor) = { self.0.shard(&key).take_predecessor(&key) } {
            self.0.shard(&predecessor).retire_alias(&predecessor, retire_at);
            key = predecessor;
        }
        StoreFuture::ready(Ok(()))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.0.delete(key, now)))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        let keys = self.0.users.keys_of(user);
        let live = keys.into_iter().filter_map(|key| Some((key, self.0.shard(&key).live(&key, now)?)));
        StoreFuture::ready(Ok(live.collect()))
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        let doomed = self.0.users.keys_of(user).into_iter().filter(|key| Some(key) != except);
        StoreFuture::ready(Ok(doomed.filter(|key| self.0.delete(key, now)).count() as u64))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        let waiting = Arc::clone(&self.0.locks).acquire(*key);
        StoreFuture::new(async move { Ok(StoreLock::new(waiting.await)) })
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        StoreFuture::new(async move {
            let share = SHARDS / SWEEPS_PER_ROUND;
            let first = self.0.next_sweep.fetch_add(share, Ordering::Relaxed) % SHARDS;
            let mut swept = 0;
            for index in first..first + share {
                swept += self.0.sweep_shard(index, now);
                // Requests on this thread go first.
                tokio::task::yield_now().await;
            }
            Ok(swept)
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::ready(Ok(()))
    }
}

impl Inner {
    fn create(&self, key: &StoreKey, record: Record, now: UnixMillis) -> Result<bool, StoreError> {
        let size = record.data.as_str().len();
        let full = self.sessions.load(Ordering::Relaxed) >= self.limits.sessions;
        if full || self.data_bytes.load(Ordering::Relaxed) + size > self.limits.data_bytes {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        let user = record.meta.identity.as_ref().map(|identity| identity.user.clone());
        let mut shard = self.shard(key);
        let Some(replaced) = shard.insert(key, Arc::new(record), now) else { return Ok(false) };
        self.account(replaced.as_deref(), size);
        self.sessions.fetch_add(usize::from(replaced.is_none()), Ordering::Relaxed);
        self.users.reindex(key, replaced.as_deref().and_then(user_of), user.as_ref());
        Ok(true)
    }

    fn load(&self, key: &StoreKey, now: UnixMillis) -> Option<Loaded> {
        let alias = {
            let shard = self.shard(key);
            if let Some(record) = shard.live(key, now) {
                return Some(Loaded::Live { record, unconfirmed: shard.is_unconfirmed(key) });
            }
            shard.alias(key, now)?
        };
        let (successor, record, rotated_again) = self.follow(alias.successor, now)?;
        if alias.retire_at <= now {
            return Some(Loaded::Retired { successor });
        }
        let nonce = (alias.retire_at == UnixMillis::MAX && !rotated_again).then_some(alias.nonce);
        Some(Loaded::Alias(super::Alias { successor, record, nonce }))
    }

    /// The live record at the end of a row of aliases.
    fn follow(&self, mut key: StoreKey, now: UnixMillis) -> Option<(StoreKey, Arc<Record>, bool)> {
        let mut rotated_again = false;
        loop {
            let shard = self.shard(&key);
            if let Some(record) = shard.live(&key, now) {
                return Some((key, record, rotated_again));
            }
            // Each hop is a rotation that happened later than the last: no circle is possible.
            key = shard.alias(&key, now)?.successor;
            rotated_again = true;
        }
    }

    fn commit(&self, key: &StoreKey, commit: Commit<'_>, now: UnixMillis) -> Result<Committed, StoreError> {
        let mut shard = self.shard(key);
        let Some(before) = shard.live(key, now) else { return Ok(Committed::Gone) };
        if commit.expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Committed::Conflict);
        }
        let after = Arc::new(self.changed(&before, commit)?);
        shard.replace(key, Arc::clone(&after));
        self.account(Some(&before), after.data.as_str().len());
        self.users.reindex(key, user_of(&before), user_of(&after));
        Ok(Committed::Done(after))
    }

    fn rotate(
        &self,
        key: &StoreKey,
        rotation: Rotation,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let (mut from, mut to) = self.two_shards(key, &rotation.to);
        let Some(before) = from.live(key, now) else { return Ok(Committed::Gone) };
        let expected = commit.expected.unwrap_or(before.revision);
        let taken = match &to {
            Some(to) => to.holds(&rotation.to),
            None => from.holds(&rotation.to),
        };
        if expected != before.revision || taken {
            return Ok(Committed::Conflict);
        }
        let after = Arc::new(self.changed(&before, commit)?);
        let moving = Move { from: *key, rotation, record: Arc::clone(&after) };
        from.move_out(&moving);
        to.as_deref_mut().unwrap_or(&mut from).move_in(moving);
        self.account(Some(&before), after.data.as_str().len());
        self.users.reindex(key, user_of(&before), None);
        self.users.reindex(&rotation.to, None, user_of(&after));
        Ok(Committed::Done(after))
    }

    /// The record after a commit, if there is room for it.
    fn changed(&self, before: &Record, commit: Commit<'_>) -> Result<Record, StoreError> {
        let data = commit.patch.apply(&before.data);
        let growth = data.as_str().len().saturating_sub(before.data.as_str().len());
        if growth > 0 && self.data_bytes.load(Ordering::Relaxed) + growth > self.limits.data_bytes {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        Ok(Record {
            data,
            revision: before.revision + 1,
            deadline: commit.touch.deadline,
            seen_at: commit.touch.seen_at.max(before.seen_at),
            meta: commit.meta.unwrap_or(&before.meta).clone(),
        })
    }

    fn delete(&self, key: &StoreKey, now: UnixMillis) -> bool {
        let mut shard = self.shard(key);
        let Some(removed) = shard.remove(key) else { return false };
        self.forget(key, &removed);
        removed.deadline > now
    }

    fn sweep_shard(&self, index: usize, now: UnixMillis) -> u64 {
        let mut shard = lock(&self.shards[index]);
        let expired = shard.take_expired(now);
        for (key, record) in &expired {
            self.forget(key, record);
        }
        expired.len() as u64
    }

    /// Called, as all bookkeeping, under the shard's lock, so that the books follow the order of the changes.
    fn forget(&self, key: &StoreKey, removed: &Record) {
        self.sessions.fetch_sub(1, Ordering::Relaxed);
        self.account(Some(removed), 0);
        self.users.reindex(key, user_of(removed), None);
    }

    fn account(&self, before: Option<&Record>, after: usize) {
        let before = before.map_or(0, |record| record.data.as_str().len());
        if after >= before {
            self.data_bytes.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.data_bytes.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    fn shard(&self, key: &StoreKey) -> MutexGuard<'_, Shard> {
        lock(&self.shards[shard_index(key)])
    }

    /// The shards of two keys, locked in the order of their index; `None` when both keys are in the first.
    fn two_shards(
        &self,
        a: &StoreKey,
        b: &StoreKey,
    ) -> (MutexGuard<'_, Shard>, Option<MutexGuard<'_, Shard>>) {
        let (index_a, index_b) = (shard_index(a), shard_index(b));
        match index_a.cmp(&index_b) {
            std::cmp::Ordering::Equal => (self.shard(a), None),
            std::cmp::Ordering::Less => {
                let first = self.shard(a);
                (first, Some(self.shard(b)))
            }
            std::cmp::Ordering::Greater => {
                let second = self.shard(b);
                (self.shard(a), Some(second))
            }
        }
    }
}

fn user_of(record: &Record) -> Option<&UserId> {
    record.meta.identity.as_deref().map(|identity| &identity.user)
}

/// Keys are hashes already; their last bytes choose the shard, their first the place in its table.
fn shard_index(key: &StoreKey) -> usize {
    let [.., high, low] = *key.as_bytes();
    usize::from(u16::from_be_bytes([high, low])) % SHARDS
}

/// A panic cannot leave a shard half-changed: every change is one insertion or removal of a finished record.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
