//! One lock for each session that somebody holds or waits for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::lock;
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
        let session = Arc::clone(lock(&self.0).entry(key).or_default());
        // Made before the wait: a waiter that gives up tidies up as well.
        let mut held = Held { locks: self, key, guard: None };
        held.guard = Some(session.lock_owned().await);
        held
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut locks = lock(&self.locks.0);
        if locks.get(&self.key).is_some_and(|session| Arc::strong_count(session) == 1) {
            locks.remove(&self.key);
        }
    }
}
