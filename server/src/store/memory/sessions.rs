//! The operations of the memory store, each atomic under the locks of the shards that it changes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::budget::Budget;
use super::lineage::Lineage;
use super::shard::{Removed, Shard};
use super::users::{UserIndex, owned};
use super::{MemoryLimits, lock};
use crate::store::{Alias, Commit, Committed, Loaded, Record, Rotation, StoreError, Touch, UserId};
use crate::{Handle, StoreKey, UnixMillis};

/// More shards than threads, and few enough records in each that one grows within a millisecond at ten million
/// sessions.
const SHARDS: usize = 1024;

/// Shards that one call sweeps: 64 calls make a round.
const SHARDS_SWEPT: usize = SHARDS / 64;

/// Records that are removed under one lock, and given back before requests on the same thread go on.
const SWEPT_AT_ONCE: usize = 256;

/// Locks are taken in this order: shards by their index, then the users.
pub(super) struct Sessions {
    shards: Box<[Mutex<Shard>]>,
    budget: Budget,
    /// Aliases among the budget's entries.
    aliases: AtomicUsize,
    users: UserIndex,
    next_sweep: AtomicUsize,
}

impl Sessions {
    pub(super) fn new(limits: MemoryLimits) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            budget: Budget::new(limits),
            aliases: AtomicUsize::new(0),
            users: UserIndex::default(),
            next_sweep: AtomicUsize::new(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.budget.entries().saturating_sub(self.aliases.load(Ordering::Relaxed))
    }

    pub(super) const fn limits(&self) -> MemoryLimits {
        self.budget.limits()
    }

    pub(super) fn data_bytes(&self) -> usize {
        self.budget.data_bytes()
    }

    pub(super) fn create(
        &self,
        key: &StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let size = size_of_data(&record);
        self.budget.reserve(1, size)?;
        let mut shard = self.shard(key);
        let user = record.meta.identity().map(|identity| identity.user.clone());
        let mut expired = None;
        if let Err(record) = shard.put_new(key, record) {
            if shard.is_taken(key, now) {
                self.budget.release(1, size);
                return Ok(false);
            }
            expired = self.take(&mut shard, key);
            shard.put(key, record);
        }
        self.users.replace(None, user.as_ref().map(|user| (key, user)));
        drop(shard);
        self.end(expired);
        Ok(true)
    }

    pub(super) fn load(&self, key: &StoreKey, now: UnixMillis) -> Option<Loaded> {
        let lineage = {
            let shard = self.shard(key);
            let lineage = shard.lineage(key);
            if let Some(record) = shard.live(key, now) {
                let unconfirmed = lineage.is_some_and(|lineage| !lineage.is_confirmed());
                return Some(Loaded::Live { record: Arc::clone(record), unconfirmed });
            }
            Arc::clone(lineage?)
        };
        // Ends: each round follows a rotation that another request has made meanwhile.
        loop {
            let lead = lineage.lead(key)?;
            if let Some(record) = self.shard(&lead.successor).live(&lead.successor, now).map(Arc::clone) {
                let successor = lead.successor;
                return Some(match lead.retire_at {
                    Some(retire_at) if retire_at <= now => Loaded::Retired { successor },
                    _ => Loaded::Alias(Alias { successor, record, nonce: lead.nonce }),
                });
            }
            if lineage.current() == Some(lead.successor) {
                return None;
            }
        }
    }

    pub(super) fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        let shard = self.shard(key);
        let record = shard.live(key, now).filter(|_| shard.lineage(key).is_none())?;
        Some(Arc::clone(record))
    }

    pub(super) fn commit(
        &self,
        key: &StoreKey,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let mut shard = self.shard(key);
        let Some(before) = shard.live(key, now) else { return Ok(Committed::Gone) };
        if commit.expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Committed::Conflict);
        }
        let after = Arc::new(before.after(commit));
        self.resize(size_of_data(before), size_of_data(&after), 0)?;
        self.users.replace(owned(key, before), owned(key, &after));
        let before = shard.put(key, Arc::clone(&after));
        // Memory is given back after the lock.
        drop(shard);
        drop(before);
        Ok(Committed::Done(after))
    }

    pub(super) fn touch(&self, key: &StoreKey, touch: Touch, now: UnixMillis) -> bool {
        self.shard(key).touch(key, touch, now)
    }

    pub(super) fn rotate(
        &self,
        key: &StoreKey,
        rotation: Rotation,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let (mut from, mut other) = self.two_shards(key, &rotation.to);
        let Some(before) = from.live(key, now).map(Arc::clone) else { return Ok(Committed::Gone) };
        let is_taken = other.as_ref().unwrap_or(&from).is_taken(&rotation.to, now);
        if is_taken || commit.expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Committed::Conflict);
        }
        let after = Arc::new(before.after(commit));
        self.resize(size_of_data(&before), size_of_data(&after), usize::from(rotation.alias.is_some()))?;
        let expired = self.take(other.as_deref_mut().unwrap_or(&mut from), &rotation.to);
        self.users.replace(owned(key, &before), owned(&rotation.to, &after));
        let mut cut_off = None;
        let mut forgotten = None;
        if let Some(nonce) = rotation.alias {
            self.aliases.fetch_add(1, Ordering::Relaxed);
            let lineage = from.lineage(key).map(Arc::clone);
            let lineage = lineage.unwrap_or_else(|| Arc::new(Lineage::new(*key)));
            forgotten = lineage.push(rotation.to, nonce);
            from.remove_record(key);
            from.put_lineage(key, Arc::clone(&lineage));
            other.as_deref_mut().unwrap_or(&mut from).put_lineage(&rotation.to, lineage);
        } else {
            cut_off = from.remove(key);
        }
        other.as_deref_mut().unwrap_or(&mut from).put(&rotation.to, Arc::clone(&after));
        drop((from, other));
        self.remove_aliases(forgotten);
        self.end(cut_off);
        self.end(expired);
        Ok(Committed::Done(after))
    }

    pub(super) fn confirm_rotation(&self, key: &StoreKey, retire_at: UnixMillis) {
        let lineage = self.shard(key).lineage(key).map(Arc::clone);
        if let Some(lineage) = lineage {
            lineage.confirm(key, retire_at);
        }
    }

    pub(super) fn delete(&self, key: &StoreKey, now: UnixMillis) -> bool {
        let mut key = *key;
        // Ends: each round follows a rotation that another request has made meanwhile.
        loop {
            if let Some(was_live) = self.delete_at(&key, now) {
                return was_live;
            }
            let lineage = self.shard(&key).lineage(&key).map(Arc::clone);
            let Some(successor) = lineage.and_then(|lineage| lineage.current()) else { return false };
            key = successor;
        }
    }

    /// Deletes the record under this very key; answers whether it was live. `None`: there is none.
    fn delete_at(&self, key: &StoreKey, now: UnixMillis) -> Option<bool> {
        let removed = self.take(&mut self.shard(key), key)?;
        let was_live = removed.0.is_live(now);
        self.end(Some(removed));
        Some(was_live)
    }

    pub(super) fn list(&self, user: &UserId, now: UnixMillis) -> Vec<(StoreKey, Arc<Record>)> {
        let mut keys = self.users.keys_of(user);
        loop {
            let live =
                keys.iter().filter_map(|key| Some((*key, Arc::clone(self.shard(key).live(key, now)?))));
            let live: Vec<_> =
                live.filter(|(key, record)| owned(key, record).is_some_and(|(_, of)| of == user)).collect();
            // A session that has moved meanwhile is looked for again where it is now.
            let again = self.users.keys_of(user);
            if live.len() == keys.len() || again == keys {
                return live;
            }
            keys = again;
        }
    }

    pub(super) fn delete_all_of(&self, user: &UserId, except: Option<&StoreKey>, now: UnixMillis) -> u64 {
        let mut deleted = 0;
        // Until none is left: a session may move to another key while this goes on.
        loop {
            let mut keys = self.users.keys_of(user);
            let spared = except.and_then(|except| self.current_key(except, now));
            keys.retain(|key| Some(*key) != spared);
            if keys.is_empty() {
                return deleted;
            }
            deleted += keys.iter().filter(|key| self.delete_at(key, now) == Some(true)).count() as u64;
        }
    }

    /// Sweeps the shards that are next in turn, a few records at each step; answers how many.
    pub(super) fn sweep<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> impl Iterator<Item = usize> + 'a {
        let first = self.next_sweep.fetch_add(SHARDS_SWEPT, Ordering::Relaxed) % SHARDS;
        (first..first + SHARDS_SWEPT).flat_map(move |index| {
            let mut more = true;
            std::iter::from_fn(move || {
                more.then(|| {
                    let swept = self.sweep_some(index, now, ended);
                    more = swept == SWEPT_AT_ONCE;
                    swept
                })
            })
        })
    }

    fn sweep_some(&self, index: usize, now: UnixMillis, ended: &dyn Fn(Handle)) -> usize {
        // Allocated before the lock: where much has been freed, an allocator takes its time to find room.
        let mut expired = Vec::with_capacity(SWEPT_AT_ONCE);
        let mut shard = lock(&self.shards[index]);
        shard.take_expired(now, SWEPT_AT_ONCE, &mut expired);
        for (key, (record, _)) in &expired {
            self.forget(key, record);
        }
        drop(shard);
        let swept = expired.len();
        for (_, removed) in expired {
            ended(removed.0.meta.handle);
            self.end(Some(removed));
        }
        swept
    }

    /// The key of the live session that a key names or leads to.
    fn current_key(&self, key: &StoreKey, now: UnixMillis) -> Option<StoreKey> {
        match self.load(key, now)? {
            Loaded::Live { .. } => Some(*key),
            Loaded::Alias(Alias { successor, .. }) | Loaded::Retired { successor } => Some(successor),
        }
    }

    /// Takes a session out of its shard, and of the books.
    fn take(&self, shard: &mut Shard, key: &StoreKey) -> Option<Removed> {
        shard.remove(key).inspect(|(record, _)| self.forget(key, record))
    }

    /// Called, as all bookkeeping, under the shard's lock, so that the books follow the order of the changes.
    fn forget(&self, key: &StoreKey, removed: &Record) {
        self.budget.release(1, size_of_data(removed));
        self.users.replace(owned(key, removed), None);
    }

    /// Removes the aliases of a session that has been taken out, and gives its memory back: after its shard's lock.
    fn end(&self, removed: Option<Removed>) {
        if let Some((_, Some(lineage))) = removed {
            self.remove_aliases(lineage.end());
        }
    }

    fn remove_aliases(&self, keys: impl IntoIterator<Item = StoreKey>) {
        for key in keys {
            self.shard(&key).remove_lineage(&key);
            self.aliases.fetch_sub(1, Ordering::Relaxed);
            self.budget.release(1, 0);
        }
    }

    fn resize(&self, before: usize, after: usize, more_entries: usize) -> Result<(), StoreError> {
        self.budget.reserve(more_entries, after.saturating_sub(before))?;
        self.budget.release(0, before.saturating_sub(after));
        Ok(())
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
        match shard_index(a).cmp(&shard_index(b)) {
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

    /// Whether nothing at all is left: no record, no alias, no entry of an index.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        let shards_empty = self.shards.iter().all(|shard| lock(shard).is_empty());
        let books_empty = self.budget.entries() == 0 && self.budget.data_bytes() == 0;
        shards_empty && books_empty && self.aliases.load(Ordering::Relaxed) == 0 && self.users.is_empty()
    }
}

fn size_of_data(record: &Record) -> usize {
    record.data.as_str().len()
}

/// Keys are hashes already; their last bytes choose the shard, their first the place in its table.
fn shard_index(key: &StoreKey) -> usize {
    let [.., high, low] = *key.as_bytes();
    usize::from(u16::from_be_bytes([high, low])) % SHARDS
}
