//! The contract as plain data: slow, single-threaded, and short enough to be seen to be right.

use std::sync::Arc;

use crate::store::{Alias, Commit, Committed, Loaded, Record, Rotation, Touch, UserId};
use crate::{StoreKey, UnixMillis};

/// All that a store has been told, ended sessions among it.
#[derive(Default)]
pub(super) struct Model(Vec<Session>);

struct Session {
    key: StoreKey,
    record: Record,
    confirmed: bool,
    /// The latest last.
    aliases: Vec<OldKey>,
}

struct OldKey {
    key: StoreKey,
    nonce: [u8; 16],
    retire_at: Option<UnixMillis>,
}

impl Model {
    pub(super) fn create(&mut self, key: &StoreKey, record: Record, now: UnixMillis) -> bool {
        if self.named(key, now).is_some() {
            return false;
        }
        self.0.retain(|session| session.key != *key);
        self.0.push(Session { key: *key, record, confirmed: true, aliases: Vec::new() });
        true
    }

    pub(super) fn load(&self, key: &StoreKey, now: UnixMillis) -> Option<Loaded> {
        let session = self.0.iter().find(|session| session.record.is_live(now) && session.has(key))?;
        let record = Arc::new(session.record.clone());
        let Some(hop) = session.aliases.iter().position(|alias| alias.key == *key) else {
            return Some(Loaded::Live { record, unconfirmed: !session.confirmed });
        };
        let (alias, successor) = (&session.aliases[hop], session.key);
        if alias.retire_at.is_some_and(|retire_at| retire_at <= now) {
            return Some(Loaded::Retired { successor });
        }
        let is_last = hop + 1 == session.aliases.len();
        let nonce = (is_last && !session.confirmed).then_some(alias.nonce);
        Some(Loaded::Alias(Alias { successor, record, nonce }))
    }

    pub(super) fn commit(&mut self, key: &StoreKey, commit: Commit<'_>, now: UnixMillis) -> Committed {
        let Some(session) = self.live(key, now) else { return Committed::Gone };
        if commit.expected.is_some_and(|expected| expected != session.record.revision) {
            return Committed::Conflict;
        }
        session.record = session.record.after(commit);
        Committed::Done(Arc::new(session.record.clone()))
    }

    pub(super) fn touch(&mut self, key: &StoreKey, touch: Touch, now: UnixMillis) -> bool {
        let session = self.live(key, now);
        session.map(|session| session.record.visit(touch)).is_some()
    }

    pub(super) fn rotate(
        &mut self,
        key: &StoreKey,
        rotation: Rotation,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Committed {
        let taken = self.named(&rotation.to, now).is_some();
        if self.live(key, now).is_none() {
            return Committed::Gone;
        }
        if taken {
            return Committed::Conflict;
        }
        let outcome = self.commit(key, commit, now);
        if let (Committed::Done(_), Some(session)) = (&outcome, self.live(key, now)) {
            session.key = rotation.to;
            session.confirmed = rotation.alias.is_none();
            match rotation.alias {
                Some(nonce) => session.aliases.push(OldKey { key: *key, nonce, retire_at: None }),
                None => session.aliases.clear(),
            }
        }
        outcome
    }

    pub(super) fn confirm_rotation(&mut self, key: &StoreKey, retire_at: UnixMillis) {
        let Some(session) = self.0.iter_mut().find(|session| session.has(key)) else { return };
        let earlier = session.aliases.iter().position(|alias| alias.key == *key);
        session.confirmed |= earlier.is_none();
        let earlier = earlier.unwrap_or(session.aliases.len());
        for alias in &mut session.aliases[..earlier] {
            alias.retire_at.get_or_insert(retire_at);
        }
    }

    pub(super) fn delete(&mut self, key: &StoreKey, now: UnixMillis) -> bool {
        let found = self.named(key, now);
        found.map(|index| self.0.remove(index)).is_some()
    }

    /// Sorted by key.
    pub(super) fn list(&self, user: &UserId, now: UnixMillis) -> Vec<(StoreKey, Arc<Record>)> {
        let theirs = self.0.iter().filter(|session| session.belongs_to(user) && session.record.is_live(now));
        let mut list: Vec<_> =
            theirs.map(|session| (session.key, Arc::new(session.record.clone()))).collect();
        list.sort_by_key(|(key, _)| *key);
        list
    }

    pub(super) fn delete_all_of(&mut self, user: &UserId, except: Option<&StoreKey>, now: UnixMillis) -> u64 {
        let before = self.0.len();
        self.0.retain(|session| {
            !session.belongs_to(user)
                || !session.record.is_live(now)
                || except.is_some_and(|except| session.has(except))
        });
        (before - self.0.len()) as u64
    }

    /// Whether the key is an alias of an ended session: whether it is free again depends on the last sweep.
    pub(super) fn is_left_over(&self, key: &StoreKey, now: UnixMillis) -> bool {
        let mut ended = self.0.iter().filter(|session| !session.record.is_live(now));
        ended.any(|session| session.aliases.iter().any(|alias| alias.key == *key))
    }

    fn live(&mut self, key: &StoreKey, now: UnixMillis) -> Option<&mut Session> {
        self.0.iter_mut().find(|session| session.key == *key && session.record.is_live(now))
    }

    /// The live session that a key names or leads to.
    fn named(&self, key: &StoreKey, now: UnixMillis) -> Option<usize> {
        self.0.iter().position(|session| session.record.is_live(now) && session.has(key))
    }
}

impl Session {
    fn has(&self, key: &StoreKey) -> bool {
        self.key == *key || self.aliases.iter().any(|alias| alias.key == *key)
    }

    fn belongs_to(&self, user: &UserId) -> bool {
        self.record.meta.identity.as_ref().is_some_and(|identity| identity.user == *user)
    }
}
