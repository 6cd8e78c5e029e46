//! One shard of the memory store: plain maps, changed under one lock.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::store::{Record, Rotation, Touch};
use crate::{StoreKey, UnixMillis};

type Table<V> = HashMap<StoreKey, V, BuildHasherDefault<KeyHasher>>;

/// Records by key, and what rotations have left behind. The two alias tables are all but always empty.
#[derive(Default)]
pub(super) struct Shard {
    records: Table<Arc<Record>>,
    aliases: Table<AliasEntry>,
    /// From a new key that has not been seen to the alias that leads to it.
    predecessors: Table<StoreKey>,
}

#[derive(Clone, Copy)]
pub(super) struct AliasEntry {
    pub(super) successor: StoreKey,
    pub(super) nonce: [u8; 16],
    /// `UnixMillis::MAX` until the successor has been seen.
    pub(super) retire_at: UnixMillis,
    /// Kept past retirement, so that a replay is noticed, for as long as the session could live.
    deadline: UnixMillis,
}

/// A record on its way from one key to another.
pub(super) struct Move {
    pub(super) from: StoreKey,
    pub(super) rotation: Rotation,
    pub(super) record: Arc<Record>,
}

impl Shard {
    pub(super) fn live(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        self.records.get(key).filter(|record| record.deadline > now).cloned()
    }

    pub(super) fn alias(&self, key: &StoreKey, now: UnixMillis) -> Option<AliasEntry> {
        self.aliases.get(key).copied().filter(|alias| alias.deadline > now)
    }

    pub(super) fn holds(&self, key: &StoreKey) -> bool {
        self.records.contains_key(key) || self.aliases.contains_key(key)
    }

    pub(super) fn is_unconfirmed(&self, key: &StoreKey) -> bool {
        !self.predecessors.is_empty() && self.predecessors.contains_key(key)
    }

    /// `None` when the key is taken; else the expired record that made room.
    pub(super) fn insert(
        &mut self,
        key: &StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> Option<Option<Arc<Record>>> {
        if self.live(key, now).is_some() || self.alias(key, now).is_some() {
            return None;
        }
        Some(self.records.insert(*key, record))
    }

    pub(super) fn replace(&mut self, key: &StoreKey, record: Arc<Record>) {
        self.records.insert(*key, record);
    }

    pub(super) fn touch(&mut self, key: &StoreKey, touch: Touch, now: UnixMillis) -> bool {
        let Some(record) = self.records.get_mut(key).filter(|record| record.deadline > now) else {
            return false;
        };
        if touch.seen_at > record.seen_at {
            let record = Arc::make_mut(record);
            record.seen_at = touch.seen_at;
            record.deadline = record.deadline.max(touch.deadline);
        }
        true
    }

    pub(super) fn remove(&mut self, key: &StoreKey) -> Option<Arc<Record>> {
        self.predecessors.remove(key);
        self.records.remove(key)
    }

    pub(super) fn move_out(&mut self, moving: &Move) {
        self.records.remove(&moving.from);
        if let Some(nonce) = moving.rotation.alias {
            let alias = AliasEntry {
                successor: moving.rotation.to,
                nonce,
                retire_at: UnixMillis::MAX,
                deadline: moving.record.meta.absolute_deadline,
            };
            self.aliases.insert(moving.from, alias);
        }
    }

    pub(super) fn move_in(&mut self, moving: Move) {
        if moving.rotation.alias.is_some() {
            self.predecessors.insert(moving.rotation.to, moving.from);
        }
        self.records.insert(moving.rotation.to, moving.record);
    }

    pub(super) fn take_predecessor(&mut self, key: &StoreKey) -> Option<StoreKey> {
        self.predecessors.remove(key)
    }

    pub(super) fn retire_alias(&mut self, key: &StoreKey, retire_at: UnixMillis) {
        if let Some(alias) = self.aliases.get_mut(key) {
            alias.retire_at = alias.retire_at.min(retire_at);
        }
    }

    pub(super) fn take_expired(&mut self, now: UnixMillis) -> Vec<(StoreKey, Arc<Record>)> {
        self.aliases.retain(|_, alias| alias.deadline > now);
        let expired: Vec<_> = self.records.extract_if(|_, record| record.deadline <= now).collect();
        if !self.predecessors.is_empty() {
            self.predecessors.retain(|key, _| self.records.contains_key(key));
        }
        // Gives memory back, with room to spare so that a steady load does not resize to and fro.
        if self.records.capacity() > 64 + 4 * self.records.len() {
            self.records.shrink_to(2 * self.records.len());
        }
        expired
    }
}

/// Store keys are uniform already: eight of their bytes are the hash.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(head) = bytes.first_chunk::<8>() {
            self.0 = u64::from_ne_bytes(*head);
        }
    }

    /// The length that arrays write before their bytes says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
