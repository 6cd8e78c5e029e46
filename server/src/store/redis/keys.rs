//! What keys are called in Redis.
//!
//! In a cluster, sessions are in 256 groups by the first byte of their keys, and the keys of a group share a slot. A
//! session stays in its group, so that each script finds all it touches on one node.

use std::borrow::Cow;
use std::sync::Arc;

use crate::StoreKey;

const SESSION: &[u8] = b"s:";

#[derive(Clone)]
pub(crate) struct Keys {
    prefix: Arc<str>,
    is_grouped: bool,
}

/// Which slot of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Outside of clusters there is one.
    All,
    One(u8),
}

impl Keys {
    pub(crate) const fn new(prefix: Arc<str>, is_grouped: bool) -> Self {
        Self { prefix, is_grouped }
    }

    /// Whether sessions are in groups, as in a cluster.
    pub(super) fn is_grouped(&self) -> bool {
        self.is_grouped
    }

    pub(super) fn group_of(&self, key: &StoreKey) -> Group {
        if self.is_grouped { Group::One(key.as_bytes()[0]) } else { Group::All }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        let (one, many) = if self.is_grouped { (None, Some(0..=u8::MAX)) } else { (Some(Group::All), None) };
        one.into_iter().chain(many.into_iter().flatten().map(Group::One))
    }

    /// What all keys of a group begin with.
    pub(super) fn prefix(&self, group: Group) -> Cow<'_, [u8]> {
        let prefix = self.prefix.as_bytes();
        match group {
            Group::All => prefix.into(),
            Group::One(number) => [prefix, format!("{{{number:02x}}}").as_bytes()].concat().into(),
        }
    }

    pub(super) fn session(&self, key: &StoreKey) -> Vec<u8> {
        [&self.prefix(self.group_of(key)), SESSION, key.as_bytes()].concat()
    }

    pub(super) fn lock(&self, key: &StoreKey) -> Vec<u8> {
        [self.prefix.as_bytes(), b"k:", key.as_bytes()].concat()
    }

    /// What the keys of all sessions begin with, and few others.
    pub(super) fn told(&self) -> Vec<u8> {
        [self.prefix.as_bytes(), if self.is_grouped { b"{" } else { SESSION }].concat()
    }

    /// The same as a pattern of Redis': what is special in one stands for itself.
    pub(super) fn pattern(&self) -> Vec<u8> {
        let mut pattern = Vec::new();
        for byte in self.told() {
            if b"*?[]^-\\".contains(&byte) {
                pattern.push(b'\\');
            }
            pattern.push(byte);
        }
        pattern.push(b'*');
        pattern
    }

    /// The session that a key of Redis' stands for.
    pub(super) fn session_of(&self, redis_key: &[u8]) -> Option<StoreKey> {
        let (_, name) = redis_key.split_last_chunk::<32>()?;
        let key = StoreKey::from_bytes(*name);
        (self.session(&key) == redis_key).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_sessions_are_told_from_others() {
        let key = StoreKey::from_bytes([0xA7; 32]);
        for (is_grouped, told) in [(false, "app:s:"), (true, "app:{")] {
            let keys = Keys::new("app:".into(), is_grouped);
            let session = keys.session(&key);
            assert_eq!(keys.session_of(&session), Some(key));
            assert_eq!(keys.told(), told.as_bytes());
            assert!(session.starts_with(told.as_bytes()));
            assert_eq!(keys.session_of(&keys.lock(&key)), None);
            assert_eq!(keys.session_of(&session[1..]), None);
            assert_eq!(keys.session_of(b"app:s:short"), None);
        }
        assert!(Keys::new("app:".into(), true).session(&key).starts_with(b"app:{a7}s:"));
    }

    #[test]
    fn a_cluster_has_256_groups() {
        assert_eq!(Keys::new("".into(), false).groups().collect::<Vec<_>>(), [Group::All]);
        let groups: Vec<_> = Keys::new("".into(), true).groups().collect();
        assert_eq!((groups.len(), groups[255]), (256, Group::One(255)));
    }
}
