//! What requests in flight have loaded: a commit is made from it without another round trip.
//!
//! Nothing is answered from here. A commit says which record it was made from, and the store refuses it where another is
//! there by now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::StoreKey;
use crate::store::Record;

/// Several times the requests that one process has in flight.
const PLACES: usize = 1024;

/// A record has one place it can be in, by its key; the next one takes it over. `R` is the record as a store knows it.
pub(super) struct Recent<R = Arc<Record>>(Box<[Place<R>]>);

type Place<R> = Mutex<Option<Seen<R>>>;

struct Seen<R> {
    key: StoreKey,
    record: R,
    is_confirmed: bool,
}

impl<R: Clone> Recent<R> {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }

    pub(super) fn get(&self, key: &StoreKey) -> Option<R> {
        let place = self.place(key);
        place.as_ref().filter(|seen| seen.key == *key).map(|seen| seen.record.clone())
    }

    /// The record, if its key is not new from a rotation.
    pub(super) fn get_confirmed(&self, key: &StoreKey) -> Option<R> {
        let place = self.place(key);
        let seen = place.as_ref().filter(|seen| seen.key == *key && seen.is_confirmed);
        seen.map(|seen| seen.record.clone())
    }

    pub(super) fn put_known(&self, key: &StoreKey, record: &R, is_confirmed: bool) {
        let seen = Some(Seen { key: *key, record: record.clone(), is_confirmed });
        let before = std::mem::replace(&mut *self.place(key), seen);
        // Given back after the lock.
        drop(before);
    }

    /// The record has been changed under its key.
    #[cfg(feature = "postgres")]
    pub(super) fn update(&self, key: &StoreKey, record: &R) {
        let is_confirmed = self.get_confirmed(key).is_some();
        self.put_known(key, record, is_confirmed);
    }

    // Nothing that holds the lock can panic halfway.
    fn place(&self, key: &StoreKey) -> MutexGuard<'_, Option<Seen<R>>> {
        let [.., first, second] = *key.as_bytes();
        let place = &self.0[usize::from(u16::from_be_bytes([first, second])) % PLACES];
        place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
