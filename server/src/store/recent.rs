//! What requests in flight have loaded: a commit is made from it without another round trip.
//!
//! Nothing is answered from here. A commit says which record it was made from, and the store refuses it where another is
//! there by now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::StoreKey;
use crate::store::Record;

/// Several times the requests that one process has in flight.
const PLACES: usize = 1024;

/// A record has one place it can be in, by its key; the next one takes it over.
pub(super) struct Recent(Box<[Place]>);

type Place = Mutex<Option<Seen>>;

struct Seen {
    key: StoreKey,
    record: Arc<Record>,
    is_confirmed: bool,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }

    pub(super) fn get(&self, key: &StoreKey) -> Option<Arc<Record>> {
        let place = self.place(key);
        place.as_ref().filter(|seen| seen.key == *key).map(|seen| Arc::clone(&seen.record))
    }

    /// The record, if its key is not new from a rotation.
    pub(super) fn get_confirmed(&self, key: &StoreKey) -> Option<Arc<Record>> {
        let place = self.place(key);
        let seen = place.as_ref().filter(|seen| seen.key == *key && seen.is_confirmed);
        seen.map(|seen| Arc::clone(&seen.record))
    }

    pub(super) fn put_known(&self, key: &StoreKey, record: &Arc<Record>, is_confirmed: bool) {
        let seen = Some(Seen { key: *key, record: Arc::clone(record), is_confirmed });
        let before = std::mem::replace(&mut *self.place(key), seen);
        // Given back after the lock.
        drop(before);
    }

    /// The record has been changed under its key.
    pub(super) fn update(&self, key: &StoreKey, record: &Arc<Record>) {
        let is_confirmed = self.get_confirmed(key).is_some();
        self.put_known(key, record, is_confirmed);
    }

    // Nothing that holds the lock can panic halfway.
    fn place(&self, key: &StoreKey) -> MutexGuard<'_, Option<Seen>> {
        let [.., first, second] = *key.as_bytes();
        let place = &self.0[usize::from(u16::from_be_bytes([first, second])) % PLACES];
        place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
