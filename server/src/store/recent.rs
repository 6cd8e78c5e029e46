//! What requests in flight have loaded: a commit is made from it without another round trip.
//!
//! Nothing is answered from here. A commit says which record it was made from, and the store refuses it where another is
//! there by now.

use std::sync::{Arc, Mutex, PoisonError};

use crate::StoreKey;
use crate::store::Record;

/// Several times the requests that one process has in flight.
const PLACES: usize = 1024;

/// A record has one place it can be in, by its key; the next one takes it over.
pub(super) struct Recent(Box<[Place]>);

type Place = Mutex<Option<(StoreKey, Arc<Record>)>>;

impl Recent {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }

    pub(super) fn get(&self, key: &StoreKey) -> Option<Arc<Record>> {
        let place = self.place(key).lock().unwrap_or_else(PoisonError::into_inner);
        place.as_ref().filter(|(present, _)| present == key).map(|(_, record)| Arc::clone(record))
    }

    pub(super) fn put(&self, key: &StoreKey, record: &Arc<Record>) {
        let entry = Some((*key, Arc::clone(record)));
        let before = {
            let mut place = self.place(key).lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, entry)
        };
        // Given back after the lock.
        drop(before);
    }

    fn place(&self, key: &StoreKey) -> &Place {
        let [first, second, ..] = *key.as_bytes();
        &self.0[usize::from(u16::from_be_bytes([first, second])) % PLACES]
    }
}
