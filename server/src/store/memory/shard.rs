//! One shard of the memory store: plain maps, changed under one lock.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::lineage::Lineage;
use crate::store::{Record, Touch};
use crate::{StoreKey, UnixMillis};

type Table<V> = HashMap<StoreKey, V, BuildHasherDefault<KeyHasher>>;

/// Records by key, and what rotations have left behind.
#[derive(Default)]
pub(super) struct Shard {
    records: Table<Arc<Record>>,
    /// Of keys of sessions that have been rotated: all but always empty. A key with a lineage and without a record
    /// is an alias.
    lineages: Table<Arc<Lineage>>,
}

/// What was under a key.
pub(super) type Removed = (Arc<Record>, Option<Arc<Lineage>>);

impl Shard {
    pub(super) fn live(&self, key: &StoreKey, now: UnixMillis) -> Option<&Arc<Record>> {
        self.records.get(key).filter(|record| record.is_live(now))
    }

    pub(super) fn lineage(&self, key: &StoreKey) -> Option<&Arc<Lineage>> {
        if self.lineages.is_empty() { None } else { self.lineages.get(key) }
    }

    /// Whether a session, or an alias of one, stands under the key.
    pub(super) fn is_taken(&self, key: &StoreKey, now: UnixMillis) -> bool {
        match self.records.get(key) {
            Some(record) => record.is_live(now),
            None => self.lineage(key).is_some(),
        }
    }

    /// Stores a record under a key that has nothing; gives it back where there is something.
    pub(super) fn put_new(&mut self, key: &StoreKey, record: Arc<Record>) -> Result<(), Arc<Record>> {
        if self.lineage(key).is_some() {
            return Err(record);
        }
        match self.records.entry(*key) {
            Entry::Vacant(place) => {
                place.insert(record);
                Ok(())
            }
            Entry::Occupied(_) => Err(record),
        }
    }

    /// Stores a record; answers what it replaces.
    pub(super) fn put(&mut self, key: &StoreKey, record: Arc<Record>) -> Option<Arc<Record>> {
        self.records.insert(*key, record)
    }

    pub(super) fn put_lineage(&mut self, key: &StoreKey, lineage: Arc<Lineage>) {
        self.lineages.insert(*key, lineage);
    }

    pub(super) fn touch(&mut self, key: &StoreKey, touch: Touch, now: UnixMillis) -> bool {
        let Some(record) = self.records.get_mut(key).filter(|record| record.is_live(now)) else {
            return false;
        };
        Arc::make_mut(record).visit(touch);
        true
    }

    pub(super) fn remove(&mut self, key: &StoreKey) -> Option<Removed> {
        let record = self.records.remove(key)?;
        Some((record, self.remove_lineage(key)))
    }

    /// Takes the record out, and leaves the lineage: the key becomes an alias.
    pub(super) fn remove_record(&mut self, key: &StoreKey) {
        self.records.remove(key);
    }

    pub(super) fn remove_lineage(&mut self, key: &StoreKey) -> Option<Arc<Lineage>> {
        if self.lineages.is_empty() { None } else { self.lineages.remove(key) }
    }

    /// Takes out what has expired, up to a number.
    pub(super) fn take_expired(
        &mut self,
        now: UnixMillis,
        most: usize,
        expired: &mut Vec<(StoreKey, Removed)>,
    ) {
        let records = self.records.extract_if(|_, record| !record.is_live(now)).take(most);
        expired.extend(records.map(|(key, record)| (key, (record, None))));
        // Gives memory back, with room to spare so that a steady load does not resize to and fro.
        if self.records.capacity() > 64 + 4 * self.records.len() {
            self.records.shrink_to(2 * self.records.len());
        }
        for (key, (_, lineage)) in expired {
            *lineage = self.remove_lineage(key);
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.lineages.is_empty()
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
