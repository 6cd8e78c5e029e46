//! How much a session may hold, and how long a request waits for its turn.

use super::state::State;
use super::{Engine, SessionError};
use crate::StoreKey;
use crate::store::{Patch, StoreError, StoreErrorKind, StoreLock};

impl Engine {
    /// The changes as they may be stored.
    pub(crate) fn admit(&self, state: &State, mut patch: Patch) -> Result<Patch, SessionError> {
        if let Some(foreign) = &self.foreign {
            foreign.admit(&mut patch)?;
        }
        self.check_size(state, &patch)?;
        Ok(patch)
    }

    /// Refuses changes that would make the session larger than it may be, and than it is.
    pub(super) fn check_size(&self, state: &State, patch: &Patch) -> Result<(), SessionError> {
        let key_limit = self.max_key_bytes;
        // What is removed may be there from before.
        let is_too_long = |(key, value): (&str, Option<&str>)| value.is_some() && key.len() > key_limit;
        if self.foreign.is_none() && patch.changes().any(is_too_long) {
            return Err(SessionError::KeyTooLong { limit: key_limit });
        }
        let before = state.live().map_or(2, |live| live.record.data.as_str().len());
        let growth = patch.changes().map(|(key, value)| 2 * key.len() + value.map_or(0, str::len) + 8);
        let limit = self.max_data_bytes;
        if before + growth.sum::<usize>() > limit {
            let before = state.live().map(|live| live.record.data.clone()).unwrap_or_default();
            let after = patch.apply(&before).as_str().len();
            if after > limit && after >= before.as_str().len() {
                return Err(SessionError::TooLarge { limit });
            }
        }
        Ok(())
    }

    /// Waits for the session's turn.
    pub(crate) async fn lock(&self, key: &StoreKey) -> Result<StoreLock, SessionError> {
        let lock = match &self.foreign {
            Some(foreign) => foreign.lock(key),
            None => self.store.lock(key),
        };
        match tokio::time::timeout(self.lock_wait, lock).await {
            Ok(lock) => Ok(lock?),
            Err(_) => Err(StoreError::new(StoreErrorKind::LockTimeout).into()),
        }
    }
}
