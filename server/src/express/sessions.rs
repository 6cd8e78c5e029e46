//! The steps of a session that Express keeps, as the engine takes them, and how it is read.

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
use crate::store::{JsonText, Patch, Record, StoreFuture, StoreLock};
use crate::{Handle, StoreKey, UnixMillis};
use http::HeaderValue;
use twinjar_shared::express::stringified;

/// Express' sessions, to the engine.
pub(super) struct Sessions {
    pub(super) rules: Rules,
    pub(super) names: Names,
}

/// Stands for a session where a cookie has led to none: a logout clears it.
struct Stale;

/// Stands for a session where a logout has found none: none begins unasked.
struct LoggedOut;

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
                if is_marked::<Stale>(state) && !state.overtaken {
                    state.ended();
                } else {
                    state.foreign = Some(Box::new(LoggedOut));
                }
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
        let settled = match (&state.origin, found(state)) {
            (Origin::Live(_), Some(found)) => {
                found.touched && found.stored_at.is_none() && !resave && !rolling
            }
            (Origin::Unread, _) => !self.rules.acts_unasked(),
            _ => !save_uninitialized,
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

    fn admit(&self, patch: &mut Patch) -> Result<(), SessionError> {
        refusal::check(patch)?;
        // As Express would have stored them, and finds them unchanged when it has read them.
        patch.values_mut().for_each(|json| *json = JsonText::from_written(&stringified(json.as_str())));
        Ok(())
    }

    fn cookie_line(&self, state: &State) -> Option<HeaderValue> {
        self.rules.cookie_line(state, found(state))
    }
}

impl Sessions {
    /// Every cookie of the name is tried; only ids with a good signature reach the store.
    pub(super) async fn load(
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
                Locking::Exclusive if state.takes_turn() => Some(engine.lock(&key).await?),
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
        if cookies.get_all(&self.rules.name).next().is_some() {
            state.foreign = Some(Box::new(Stale));
        }
        Ok(())
    }

    async fn read(
        &self,
        id: ExpressId,
        now: UnixMillis,
        watching: bool,
    ) -> Result<Option<Found>, SessionError> {
        let Rules { store, resave, rolling, .. } = &self.rules;
        // What is stored or touched with the response in any case may have what life it has until then.
        let read = if *resave || *rolling || watching {
            store.get(&id, now).await?.map(|text| (text, None))
        } else {
            store.get_with_life(&id, now).await?
        };
        let Some((text, left)) = read else { return Ok(None) };
        let Some(mut found) = Found::read(id, text, now)? else { return Ok(None) };
        found.touched = left.is_some_and(|left| found.is_fresh(left, now, store.default_life()));
        Ok(Some(found))
    }

    /// The state of a session that was found or made.
    pub(super) fn settle(&self, state: &mut State, found: Found, key: StoreKey, lock: Option<StoreLock>) {
        let (handle, id) = (self.names.handle(&found.id), self.names.session_id(&found.id));
        let record = self.record(&found, handle, state.read_at);
        state.origin = Origin::Live(Live { lock, ..Live::new(id, key, record) });
        state.foreign = Some(Box::new(found));
    }

    /// Somebody else has changed the record.
    pub(super) fn refresh(
        &self,
        engine: &Engine,
        state: &mut State,
        text: String,
    ) -> Result<(), SessionError> {
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

    pub(super) fn record(&self, found: &Found, handle: Handle, now: UnixMillis) -> Arc<Record> {
        let mut record = found.record(handle, now, self.rules.store.default_life());
        record.meta.identity = self.rules.identity(&record.data, now);
        Arc::new(record)
    }
}

/// What a step has found.
pub(super) fn found(state: &State) -> Option<&Found> {
    let found: &(dyn Any + Send) = &**state.foreign.as_ref()?;
    found.downcast_ref()
}

pub(super) fn found_mut(state: &mut State) -> Option<&mut Found> {
    let found: &mut (dyn Any + Send) = &mut **state.foreign.as_mut()?;
    found.downcast_mut()
}

/// Whether this stands for a session that is not there.
fn is_marked<Mark: Any>(state: &State) -> bool {
    state.foreign.as_ref().is_some_and(|foreign| foreign.is::<Mark>())
}

/// Whether a session may begin unasked. Whoever has just been logged out is no new visitor, and whoever has just logged
/// in has a session.
pub(super) fn is_new_visitor(state: &State) -> bool {
    state.cookie != CookieChange::Clear && !state.overtaken && !is_marked::<LoggedOut>(state)
}

/// The session has ended elsewhere. The browser may have another cookie by now, so its cookie is left alone.
pub(super) fn gone(state: &mut State) -> SessionError {
    state.gone();
    SessionError::Gone
}
