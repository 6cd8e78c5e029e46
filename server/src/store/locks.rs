//! One lock for each session that somebody in this process holds or waits for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::StoreKey;

/// Empty when nobody holds a session.
#[derive(Default)]
pub(super) struct SessionLocks(Mutex<HashMap<StoreKey, Arc<AsyncMutex<()>>>>);

/// A held lock; its drop lets the next in line go on, and the last one tidies up.
pub(super) struct Held {
    locks: Arc<SessionLocks>,
    key: StoreKey,
    guard: Option<OwnedMutexGuard<()>>,
}

impl SessionLocks {
    /// Waits in line.
    pub(super) async fn acquire(self: Arc<Self>, key: StoreKey) -> Held {
        let session = Arc::clone(self.sessions().entry(key).or_default());
        // Made before the wait: a waiter that gives up tidies up as well.
        let mut held = Held { locks: self, key, guard: None };
        held.guard = Some(session.lock_owned().await);
        held
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.sessions().is_empty()
    }

    /// The map is never left half-changed, so that a panic elsewhere is no reason to stop.
    fn sessions(&self) -> MutexGuard<'_, HashMap<StoreKey, Arc<AsyncMutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut locks = self.locks.sessions();
        if locks.get(&self.key).is_some_and(|session| Arc::strong_count(session) == 1) {
            locks.remove(&self.key);
        }
    }
}
