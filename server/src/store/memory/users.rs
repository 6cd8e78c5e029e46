//! Which sessions belong to a user.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::lock;
use crate::StoreKey;
use crate::store::{Record, UserId};

/// Holds the sessions that have a user; anonymous ones cost nothing here.
#[derive(Default)]
pub(super) struct UserIndex(Mutex<HashMap<UserId, HashSet<StoreKey>>>);

/// A session as the index sees it.
pub(super) type Owned<'a> = Option<(&'a StoreKey, &'a UserId)>;

/// What the index has to know of a record.
pub(super) fn owned<'a>(key: &'a StoreKey, record: &'a Record) -> Owned<'a> {
    record.meta.identity.as_deref().map(|identity| (key, &identity.user))
}

impl UserIndex {
    pub(super) fn keys_of(&self, user: &UserId) -> Vec<StoreKey> {
        lock(&self.0).get(user).map(|keys| keys.iter().copied().collect()).unwrap_or_default()
    }

    /// Follows a session from one key and user to another, in one step: it is never missing in between.
    pub(super) fn replace(&self, before: Owned<'_>, after: Owned<'_>) {
        if before == after {
            return;
        }
        let mut users = lock(&self.0);
        if let Some((key, user)) = after {
            match users.get_mut(user) {
                Some(keys) => keys.insert(*key),
                None => users.entry(user.clone()).or_default().insert(*key),
            };
        }
        if let Some((key, user)) = before
            && let Some(keys) = users.get_mut(user)
        {
            keys.remove(key);
            if keys.is_empty() {
                users.remove(user);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}
