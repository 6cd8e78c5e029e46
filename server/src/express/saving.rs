//! What a request stores of its session.

use std::sync::Arc;

use super::ExpressId;
use super::found::{Change, Found};
use super::generate::lock_key;
use super::sessions::{Sessions, found, gone};
use super::store::Replaced;
use crate::session::{CookieChange, Engine, SessionError, SessionEventKind, State};
use crate::store::{Patch, StoreError, StoreErrorKind};

/// New ids that are tried before the generator is held to be broken.
pub(super) const ID_ATTEMPTS: usize = 4;

impl Sessions {
    /// Whether the request has changed the session, as express-session tells it: by what the values are.
    pub(super) fn is_modified(&self, state: &State) -> bool {
        let (Some(live), Some(found)) = (state.live(), found(state)) else { return false };
        let data = &live.record.data;
        let differs = |(key, value): (&str, Option<&str>)| data.get(key) != value;
        state.meta.is_some()
            || (state.patch.clears() && (found.has_unnameable || !data.is_empty()))
            || state.patch.changes().any(differs)
    }

    /// Stores the changes, merged into what is there by now.
    pub(super) async fn save(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        // Ends: each round follows a commit that another request has made meanwhile.
        loop {
            let patch = self.rules.patch(state);
            match self.replace(engine, state, &patch).await? {
                Replaced::Done => return Ok(()),
                Replaced::Gone => return Err(gone(state)),
                Replaced::Other(text) => self.refresh(engine, state, text)?,
                Replaced::Taken => return Err(exhausted()),
            }
        }
    }

    /// Replaces the record by itself with a patch, if it is still the one that was read.
    pub(super) async fn replace(
        &self,
        engine: &Engine,
        state: &mut State,
        patch: &Patch,
    ) -> Result<Replaced, SessionError> {
        let now = engine.clock.now();
        let max_age = self.new_max_age(engine, state);
        let modified = !patch.is_empty() || max_age.is_some();
        let Some(found) = found(state) else { return Ok(Replaced::Gone) };
        let next = found.after(&Change { patch, max_age, settings: None }, now)?;
        let replaced = self.rules.store.replace(&found.id, &found.text, &next.text, next.life(now)).await?;
        if replaced == Replaced::Done {
            self.stored(engine, state, next, modified);
        }
        Ok(replaced)
    }

    /// The record is in the store.
    fn stored(&self, engine: &Engine, state: &mut State, mut next: Found, modified: bool) {
        let handle = state.live().map_or_else(|| self.names.handle(&next.id), |live| live.record.meta.handle);
        let record = self.record(&next, handle, engine.clock.now());
        next.modified |= modified;
        next.stored_at = Some(engine.clock.now());
        state.foreign = Some(Box::new(next));
        state.committed(record);
    }

    /// A new session, under a new id.
    pub(super) async fn create(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        if state.overtaken && !state.logs_in() {
            // It would take the place of the one that the browser has just logged in to.
            return Err(gone(state));
        }
        let now = engine.clock.now();
        let settings = self.rules.settings(state.https);
        let patch = self.rules.patch(state);
        let change = Change { patch: &patch, max_age: self.new_max_age(engine, state), settings: None };
        for _ in 0..ID_ATTEMPTS {
            let id = ExpressId::new((self.rules.generate)());
            let mut next = Found::begin(id, &settings, now)?.after(&change, now)?;
            if !self.rules.store.create(&next.id, &next.text, next.life(now)).await? {
                continue;
            }
            (next.is_new, next.stored_at) = (true, Some(now));
            let key = lock_key(&next.id);
            self.settle(state, next, key, None);
            let Some((live, record)) = state.live().map(|live| (live.id, Arc::clone(&live.record))) else {
                return Ok(());
            };
            state.cookie = CookieChange::Set(live);
            engine.report(record.meta.handle, SessionEventKind::Created);
            state.committed(record);
            return Ok(());
        }
        Err(exhausted())
    }

    /// The lifetime in milliseconds that the request has set, `Some(None)` for one without an end.
    pub(super) fn new_max_age(&self, engine: &Engine, state: &State) -> Option<Option<i64>> {
        let meta = state.meta.as_deref()?;
        let (idle, persistent) = match state.live() {
            Some(live) => (live.record.meta.idle_timeout, live.record.meta.persistent),
            None => (engine.lifetime.idle, false),
        };
        // A login sets them too, and leaves the lifetime as it is. Where there is a session, it takes `set_expiry` to ask
        // for one.
        let is_told = state.must_begin && state.live().is_some();
        if !is_told && (meta.idle_timeout, meta.persistent) == (idle, persistent) {
            return None;
        }
        Some(meta.persistent.then(|| i64::try_from(meta.idle_timeout.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// No new id was free.
pub(super) fn exhausted() -> SessionError {
    StoreError::new(StoreErrorKind::Unavailable).into()
}
