//! Which sessions belong to a user.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::lock;
use crate::StoreKey;
use crate::store::UserId;

/// Holds the sessions that have a user; anonymous ones cost nothing here.
#[derive(Default)]
pub(super) struct UserIndex(Mutex<HashMap<UserId, HashSet<StoreKey>>>);

impl UserIndex {
    pub(super) fn keys_of(&self, user: &UserId) -> Vec<StoreKey> {
        lock(&self.0).get(user).map(|keys| keys.iter().copied().collect()).unwrap_or_default()
    }

    /// Follows a session from one user (or none) to another (or none).
    pub(super) fn reindex(&self, key: &StoreKey, before: Option<&UserId>, after: Option<&UserId>) {
        if before == after {
            return;
        }
        let mut users = lock(&self.0);
        if let Some(before) = before
            && let Some(keys) = users.get_mut(before)
        {
            keys.remove(key);
            if keys.is_empty() {
                users.remove(before);
            }
        }
        if let Some(after) = after {
            users.entry(after.clone()).or_default().insert(*key);
        }
    }
}
