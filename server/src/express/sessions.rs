//! The steps of a session that Express keeps: when it is read, saved, touched, renamed and ended.

use std::any::Any;
use std::sync::Arc;

use super::candidates::candidates;
use super::found::{Found, is_damage};
use super::generate::{Names, lock_key};
use super::rules::Rules;
use super::store::Replaced;
use super::{ExpressId, refusal};
use crate::cookies::CookieHeaders;
use crate::session::{
    CookieChange, Engine, Foreign, Live, Locking, Origin, SessionError, SessionEventKind, State, Step,
};
use crate::store::{Patch, Record, StoreError, StoreErrorKind, StoreFuture, StoreLock};
use crate::{Handle, StoreKey, UnixMillis};
use http::HeaderValue;

/// New ids that are tried before the generator is held to be broken.
const ID_ATTEMPTS: usize = 4;

/// Express' sessions, to the engine.
pub(super) struct Sessions {
    pub(super) rules: Rules,
    pub(super) names: Names,
}

impl Foreign for Sessions {
    fn load<'a>(&'a self, engine: &'a Engine, cookies: &'a CookieHeaders, state: &'a mut State) -> Step<'a> {
        Box::pin(self.load(engine, cookies, state))
    }

    fn reload<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a> {
        Box::pin(async move {
            let Some(found) = found(state) else { return Ok(()) };
            let text = self.rules.store.get(&found.id, engine.clock.now()).await?;
            match text {
                Some(text) => self.refresh(engine, state, text),
                None => Err(gone(state)),
            }
        })
    }

    fn commit<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a> {
        Box::pin(async move {
            if state.live().is_none() {
                return if state.begins() { self.create(engine, state).await } else { Ok(()) };
            }
            if self.is_modified(state) {
                return self.save(engine, state).await;
            }
            state.forget_changes();
            Ok(())
        })
    }

    fn commit_if_unchanged<'a>(
        &'a self,
        engine: &'a Engine,
        state: &'a mut State,
        patch: &'a Patch,
    ) -> Step<'a, bool> {
        Box::pin(async move {
            match self.replace(engine, state, patch).await? {
                Replaced::Done => Ok(true),
                Replaced::Gone => Err(gone(state)),
                Replaced::Other(_) | Replaced::Taken => Ok(false),
            }
        })
    }

    fn rotate<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a> {
        Box::pin(self.rotate(engine, state))
    }

    fn destroy<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a> {
        Box::pin(async move {
            let Some(live) = state.live() else {
                state.forget_changes();
                return Ok(());
            };
            let handle = live.record.meta.handle;
            if let Some(found) = found(state) {
                self.rules.store.delete(&found.id).await?;
            }
            engine.report(handle, SessionEventKind::Destroyed);
            state.ended();
            Ok(())
        })
    }

    fn is_settled(&self, state: &State) -> bool {
        let Rules { save_uninitialized, resave, rolling, .. } = self.rules;
        let settled = match state.live().and_then(|_| found(state)) {
            None => !save_uninitialized,
            Some(found) => found.touched && !found.saved && !resave && !rolling,
        };
        settled && !state.has_changes()
    }

    fn finish<'a>(
        &'a self,
        engine: &'a Engine,
        cookies: &'a CookieHeaders,
        state: &'a mut State,
    ) -> Step<'a> {
        Box::pin(self.finish(engine, cookies, state))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        self.rules.store.lock(key)
    }

    fn check(&self, patch: &Patch) -> Result<(), SessionError> {
        refusal::check(patch)
    }

    fn cookie_line(&self, state: &State) -> Option<HeaderValue> {
        self.rules.cookie_line(state, found(state)?)
    }
}

impl Sessions {
    /// Every cookie of the name is tried; only ids with a good signature reach the store.
    async fn load(
        &self,
        engine: &Engine,
        cookies: &CookieHeaders,
        state: &mut State,
    ) -> Result<(), SessionError> {
        state.read_at = engine.clock.now();
        let mut damage = None;
        for id in candidates(cookies, &self.rules.name, &self.rules.keys) {
            let key = lock_key(&id);
            let lock = match engine.locking {
                Locking::Exclusive if !state.watching => Some(engine.lock(&key).await?),
                Locking::Exclusive | Locking::Merge => None,
            };
            match self.read(id, state.read_at, state.watching).await {
                Ok(Some(found)) => {
                    self.settle(state, found, key, lock);
                    return Ok(());
                }
                // Its companion cookie may be that of the new id by now.
                Ok(None) => state.overtaken |= engine.replaced.contains(&key, state.read_at),
                // Another cookie may lead to a session.
                Err(error) if is_damage(&error) => damage = damage.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = damage {
            return Err(error);
        }
        state.origin = Origin::Absent;
        Ok(())
    }

    /// Where it is saved in any case, that postpones its end.
    async fn read(
        &self,
        id: ExpressId,
        now: UnixMillis,
        watching: bool,
    ) -> Result<Option<Found>, SessionError> {
        let Rules { store, resave, .. } = &self.rules;
        let read = if *resave || watching {
            store.get(&id, now).await?.map(|text| (text, false))
        } else {
            store.get_and_touch(&id, now).await?
        };
        let Some((text, touched)) = read else { return Ok(None) };
        let mut found = Found::read(id, text, now)?;
        if let Some(found) = &mut found {
            found.touched = touched;
        }
        Ok(found)
    }

    /// The state of a session that was found or made.
    fn settle(&self, state: &mut State, found: Found, key: StoreKey, lock: Option<StoreLock>) {
        let (handle, id) = (self.names.handle(&found.id), self.names.session_id(&found.id));
        let record = self.record(&found, handle, state.read_at);
        state.origin = Origin::Live(Live { lock, ..Live::new(id, key, record) });
        state.foreign = Some(Box::new(found));
    }

    /// Somebody else has changed the record.
    fn refresh(&self, engine: &Engine, state: &mut State, text: String) -> Result<(), SessionError> {
        let now = engine.clock.now();
        let Some(found) = found_mut(state) else { return Ok(()) };
        found.reread(text, now)?;
        let Some(found) = self::found(state) else { return Ok(()) };
        let record = self.record(found, self.names.handle(&found.id), now);
        if let Origin::Live(live) = &mut state.origin {
            live.record = record;
        }
        Ok(())
    }

    fn record(&self, found: &Found, handle: Handle, now: UnixMillis) -> Arc<Record> {
        let mut record = found.record(handle, now, self.rules.store.default_life());
        record.meta.identity = self.rules.identity(&record.data, now);
        Arc::new(record)
    }

    /// Whether the request has changed the session, as express-session tells it: by what the values are.
    fn is_modified(&self, state: &State) -> bool {
        let Some(live) = state.live() else { return false };
        let data = &live.record.data;
        let differs = |(key, value): (&str, Option<&str>)| data.get(key) != value;
        state.meta.is_some()
            || (state.patch.clears() && !data.is_empty())
            || state.patch.changes().any(differs)
    }

    /// Stores the changes, merged into what is there by now.
    async fn save(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
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
    async fn replace(
        &self,
        engine: &Engine,
        state: &mut State,
        patch: &Patch,
    ) -> Result<Replaced, SessionError> {
        let now = engine.clock.now();
        let max_age = self.new_max_age(engine, state);
        let modified = !patch.is_empty() || max_age.is_some();
        let Some(found) = found(state) else { return Ok(Replaced::Gone) };
        let next = found.after(patch, max_age, now)?;
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
        next.saved = true;
        state.foreign = Some(Box::new(next));
        state.committed(record);
    }

    /// A new session, under a new id.
    async fn create(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        let now = engine.clock.now();
        let settings = self.rules.settings(state.https);
        let (max_age, patch) = (self.new_max_age(engine, state), self.rules.patch(state));
        for _ in 0..ID_ATTEMPTS {
            let id = ExpressId::new((self.rules.generate)());
            let mut next = Found::begin(id, &settings, now)?.after(&patch, max_age, now)?;
            if !self.rules.store.create(&next.id, &next.text, next.life(now)).await? {
                continue;
            }
            (next.is_new, next.saved) = (true, true);
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

    /// A new id with the same data; the old one is dead at once.
    async fn rotate(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        for _ in 0..ID_ATTEMPTS {
            loop {
                let now = engine.clock.now();
                let (max_age, patch) = (self.new_max_age(engine, state), self.rules.patch(state));
                let Some(found) = found(state).filter(|_| state.live().is_some()) else { return Ok(()) };
                let mut next = found.after(&patch, max_age, now)?;
                next.id = ExpressId::new((self.rules.generate)());
                let key = lock_key(&next.id);
                let has_turn = state.live().is_some_and(|live| live.lock.is_some());
                let lock = if has_turn { Some(engine.lock(&key).await?) } else { None };
                let store = &self.rules.store;
                let life = next.life(now);
                engine.replaced.insert(lock_key(&found.id), now + engine.lifetime.rotation_grace, now);
                match store.rename(&found.id, &next.id, &found.text, &next.text, life).await? {
                    Replaced::Done => {
                        (next.is_new, next.modified, next.saved) = (true, true, true);
                        self.settle(state, next, key, lock);
                        state.forget_changes();
                        if let Origin::Live(live) = &state.origin {
                            state.cookie = CookieChange::Set(live.id);
                            engine.report(live.record.meta.handle, SessionEventKind::Rotated);
                        }
                        return Ok(());
                    }
                    Replaced::Gone => return Err(gone(state)),
                    Replaced::Other(text) => self.refresh(engine, state, text)?,
                    Replaced::Taken => break,
                }
            }
        }
        Err(exhausted())
    }

    async fn finish(
        &self,
        engine: &Engine,
        cookies: &CookieHeaders,
        state: &mut State,
    ) -> Result<(), SessionError> {
        let rules = &self.rules;
        if rules.save_uninitialized && matches!(state.origin, Origin::Unread) {
            self.load(engine, cookies, state).await?;
        }
        if state.live().is_none() {
            // Whoever has just been logged out is no new visitor.
            let begins = state.begins() || (rules.save_uninitialized && state.cookie != CookieChange::Clear);
            return if begins { self.create(engine, state).await } else { Ok(()) };
        }
        if self.is_modified(state) {
            self.save(engine, state).await?;
        } else if found(state).is_some_and(|found| !found.saved) {
            state.forget_changes();
            if rules.resave { self.resave(engine, state).await? } else { self.touch(engine, state).await? }
        }
        let sets_cookie = found(state).is_some_and(|found| {
            !found.is_new && (rules.rolling || (found.expires_at.is_some() && found.modified))
        });
        if let Some(id) = state.live().filter(|_| sets_cookie).map(|live| live.id) {
            state.cookie = CookieChange::Set(id);
        }
        Ok(())
    }

    /// Stores an unchanged session again. Where it has ended meanwhile, nothing is lost, and nothing comes back.
    async fn resave(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        let unchanged = Patch::default();
        loop {
            match self.replace(engine, state, &unchanged).await? {
                Replaced::Other(text) => self.refresh(engine, state, text)?,
                Replaced::Done | Replaced::Gone | Replaced::Taken => return Ok(()),
            }
        }
    }

    async fn touch(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        let now = engine.clock.now();
        let Some(found) = found_mut(state) else { return Ok(()) };
        found.postpone(now)?;
        if found.touched {
            return Ok(());
        }
        Ok(self.rules.store.touch(&found.id, found.life(now)).await?)
    }

    /// The lifetime in milliseconds that the request has set, `Some(None)` for one without an end.
    fn new_max_age(&self, engine: &Engine, state: &State) -> Option<Option<i64>> {
        let meta = state.meta.as_deref()?;
        let (idle, persistent) = match state.live() {
            Some(live) => (live.record.meta.idle_timeout, live.record.meta.persistent),
            None => (engine.lifetime.idle, false),
        };
        // Set by a login too, which leaves the lifetime as it is.
        if (meta.idle_timeout, meta.persistent) == (idle, persistent) {
            return None;
        }
        Some(meta.persistent.then(|| i64::try_from(meta.idle_timeout.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// What a step has found.
pub(super) fn found(state: &State) -> Option<&Found> {
    let found: &(dyn Any + Send) = &**state.foreign.as_ref()?;
    found.downcast_ref()
}

fn found_mut(state: &mut State) -> Option<&mut Found> {
    let found: &mut (dyn Any + Send) = &mut **state.foreign.as_mut()?;
    found.downcast_mut()
}

/// The session has ended elsewhere. The browser may have another cookie by now, so its cookie is left alone.
fn gone(state: &mut State) -> SessionError {
    state.gone();
    SessionError::Gone
}

/// No new id was free.
fn exhausted() -> SessionError {
    StoreError::new(StoreErrorKind::Unavailable).into()
}
