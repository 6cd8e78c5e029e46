//! The ids that logins have replaced a moment ago.
//!
//! A login gives the session a new id, and the old one leads nowhere at once: whoever planted or copied it must not
//! come along. But requests that the browser sent with it before the login's answer arrived are still on their way, and
//! their answers may reach the browser after the new cookie did. Clearing the cookie there, or beginning another session,
//! would undo the login.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{StoreKey, UnixMillis};

/// How many are remembered; a login beyond that is as safe, but not protected from late answers.
const MOST: usize = 16_384;

/// Remembers each id for as long as requests with it may be on their way. Other processes are told by
/// [notes](super::notes).
#[derive(Default)]
pub(crate) struct ReplacedIds(Mutex<HashMap<StoreKey, UnixMillis>>);

impl ReplacedIds {
    pub(crate) fn insert(&self, key: StoreKey, until: UnixMillis, now: UnixMillis) {
        let mut ids = self.lock();
        if ids.len() >= MOST {
            ids.retain(|_, until| *until > now);
        }
        if ids.len() < MOST {
            ids.insert(key, until);
        }
    }

    pub(crate) fn contains(&self, key: &StoreKey, now: UnixMillis) -> bool {
        self.lock().get(key).is_some_and(|until| *until > now)
    }

    // Nothing that holds the lock can panic halfway.
    fn lock(&self) -> MutexGuard<'_, HashMap<StoreKey, UnixMillis>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    #[test]
    fn they_are_forgotten_in_time_and_never_too_many() {
        let (ids, at) = (ReplacedIds::default(), UnixMillis::new);
        let (first, last) = (SessionId::generate().store_key(), SessionId::generate().store_key());
        ids.insert(first, at(10), at(0));
        assert!(ids.contains(&first, at(9)) && !ids.contains(&first, at(10)) && !ids.contains(&last, at(0)));
        for _ in 0..MOST {
            ids.insert(SessionId::generate().store_key(), at(20), at(0));
        }
        assert_eq!(ids.lock().len(), MOST);
        ids.insert(last, at(40), at(9));
        assert!(!ids.contains(&last, at(9)), "no room");
        ids.insert(last, at(40), at(20));
        assert!(ids.contains(&last, at(20)));
        assert_eq!(ids.lock().len(), 1);
    }
}
