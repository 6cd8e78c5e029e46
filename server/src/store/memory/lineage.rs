//! The keys that a rotated session has had.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::lock;
use crate::store::MAX_ALIASES;
use crate::{StoreKey, UnixMillis};

/// Shared by the shards of all these keys. Its lock is taken after theirs.
pub(super) struct Lineage(Mutex<Keys>);

struct Keys {
    /// `None` once the session has ended, or nothing may lead to it any more.
    current: Option<StoreKey>,
    /// Whether the current key has been seen.
    confirmed: bool,
    /// The latest last.
    past: VecDeque<Past>,
}

struct Past {
    key: StoreKey,
    nonce: [u8; 16],
    /// `None` until a later key has been seen.
    retire_at: Option<UnixMillis>,
}

/// Where an alias leads.
pub(super) struct Lead {
    pub(super) successor: StoreKey,
    pub(super) nonce: Option<[u8; 16]>,
    pub(super) retire_at: Option<UnixMillis>,
}

impl Lineage {
    /// Of a session that is under its first key.
    pub(super) fn new(key: StoreKey) -> Self {
        Self(Mutex::new(Keys { current: Some(key), confirmed: true, past: VecDeque::new() }))
    }

    /// The session moves on; answers the alias that is dropped when there are too many.
    pub(super) fn push(&self, to: StoreKey, nonce: [u8; 16]) -> Option<StoreKey> {
        let mut keys = lock(&self.0);
        if let Some(key) = keys.current.replace(to) {
            keys.past.push_back(Past { key, nonce, retire_at: None });
        }
        keys.confirmed = false;
        if keys.past.len() > MAX_ALIASES { keys.past.pop_front().map(|past| past.key) } else { None }
    }

    pub(super) fn current(&self) -> Option<StoreKey> {
        lock(&self.0).current
    }

    pub(super) fn is_confirmed(&self) -> bool {
        lock(&self.0).confirmed
    }

    pub(super) fn lead(&self, alias: &StoreKey) -> Option<Lead> {
        let keys = lock(&self.0);
        let position = keys.past.iter().rposition(|past| past.key == *alias)?;
        let (past, is_last) = (&keys.past[position], position + 1 == keys.past.len());
        let nonce = (is_last && !keys.confirmed).then_some(past.nonce);
        Some(Lead { successor: keys.current?, nonce, retire_at: past.retire_at })
    }

    /// `seen` has been seen: the keys before it end at `retire_at`, unless they have an end already.
    pub(super) fn confirm(&self, seen: &StoreKey, retire_at: UnixMillis) {
        let mut keys = lock(&self.0);
        let earlier = if keys.current.as_ref() == Some(seen) {
            keys.confirmed = true;
            keys.past.len()
        } else {
            keys.past.iter().rposition(|past| past.key == *seen).unwrap_or(0)
        };
        for past in keys.past.iter_mut().take(earlier).rev() {
            if past.retire_at.is_some() {
                break;
            }
            past.retire_at = Some(retire_at);
        }
    }

    /// Nothing leads to the session any more; answers the keys that did.
    pub(super) fn end(&self) -> impl Iterator<Item = StoreKey> + use<> {
        let mut keys = lock(&self.0);
        keys.current = None;
        std::mem::take(&mut keys.past).into_iter().map(|past| past.key)
    }
}
