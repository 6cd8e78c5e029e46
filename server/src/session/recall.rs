//! Updating a session that this server has seen a moment ago, without reading it first.

use std::sync::atomic::Ordering;

use super::spans::spanned;
use super::state::{Live, Origin, State};
use super::{Engine, Locking, ReadKey, Session, SessionError, WriteKey};
use crate::cookies::CookieHeaders;
use crate::store::{Commit, Committed};

/// How often what the store remembers is tried: a store that finds another record there remembers that one.
const RECALLS: usize = 2;

impl Session {
    /// Updates what the store remembers of the session, and commits only if the session still is that. `None`: it is
    /// not, or nothing is remembered; the session has to be read.
    pub(super) async fn update_recalled<T, K>(
        &self,
        key: &K,
        change: &mut impl FnMut(Option<T>) -> T,
    ) -> Result<Option<T>, SessionError>
    where
        K: ReadKey<T> + for<'a> WriteKey<&'a T>,
    {
        let Some(mut state) = self.try_state() else { return Ok(None) };
        for _ in 0..RECALLS {
            let Some(recalled) = self.engine().recall(self.cookies(), &state) else { break };
            let update = self.update_from(recalled, &mut state, key, change);
            let updated = Box::pin(spanned("update", update)).await?;
            if updated.is_some() {
                return Ok(updated);
            }
        }
        Ok(None)
    }

    async fn update_from<T, K>(
        &self,
        mut recalled: State,
        state: &mut State,
        key: &K,
        change: &mut impl FnMut(Option<T>) -> T,
    ) -> Result<Option<T>, SessionError>
    where
        K: ReadKey<T> + for<'a> WriteKey<&'a T>,
    {
        let (engine, name) = (self.engine(), ReadKey::<T>::name(key));
        // What is wrong with a value that may be gone by now, only the value of now can tell.
        let Ok(before) = recalled.value(name).map(|json| key.decode(json)).transpose() else {
            return Ok(None);
        };
        let after = change(before);
        recalled.patch.set(name, key.encode(&after)?);
        if engine.check_size(&recalled, &recalled.patch).is_err()
            || !engine.commit_recalled(&mut recalled).await?
        {
            return Ok(None);
        }
        *state = recalled;
        self.0.used.store(true, Ordering::SeqCst);
        Ok(Some(after))
    }
}

impl Engine {
    /// The state after a load, if the session is what the store remembers.
    fn recall(&self, cookies: &CookieHeaders, state: &State) -> Option<State> {
        let may_read = matches!(state.origin, Origin::Unread) && !state.watching && self.foreign.is_none();
        if !may_read || self.locking != Locking::Merge {
            return None;
        }
        let (id, key, cookie) = self.accept(cookies.get_all(self.token.name()).next()?)?;
        let now = self.clock.now();
        let record = self.store.recall(&key).filter(|record| record.is_live(now))?;
        let origin = Origin::Live(Live::new(id, key, record));
        Some(State { origin, cookie, read_at: now, ..State::default() })
    }

    /// The session again, after somebody else has committed: as the store has just seen it, or read anew.
    pub(super) async fn refresh(&self, state: &mut State) -> Result<(), SessionError> {
        if self.foreign.is_none()
            && let Origin::Live(live) = &mut state.origin
            && let Some(record) = self.store.recall(&live.key)
            && record.revision > live.record.revision
            && record.is_live(self.clock.now())
        {
            live.record = record;
            return Ok(());
        }
        self.reload(state).await
    }

    /// `false`: the session is another by now, or gone.
    async fn commit_recalled(&self, state: &mut State) -> Result<bool, SessionError> {
        let Some(live) = state.live() else { return Ok(false) };
        let touch = self.touch_of(state, state.read_at);
        let commit = Commit { patch: &state.patch, expected: Some(live.record.revision), touch, meta: None };
        match self.store.commit(&live.key, commit, state.read_at).await? {
            Committed::Done(record) => {
                self.hub.live(live.key, &record);
                state.committed(record);
                Ok(true)
            }
            Committed::Conflict | Committed::Gone => Ok(false),
        }
    }
}
