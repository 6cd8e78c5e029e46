//! Moving a session to a new id.

use super::ExpressId;
use super::found::Change;
use super::generate::lock_key;
use super::saving::{ID_ATTEMPTS, exhausted};
use super::sessions::{Sessions, found, gone};
use super::store::Replaced;
use crate::session::{CookieChange, Engine, Origin, SessionError, SessionEventKind, State};

impl Sessions {
    /// A new id with the same data; the old one is dead at once. The cookie is made anew, as the connection asks for by
    /// now. Where there is no session, one begins.
    pub(super) async fn rotate(&self, engine: &Engine, state: &mut State) -> Result<(), SessionError> {
        let settings = self.rules.settings(state.https);
        for _ in 0..ID_ATTEMPTS {
            loop {
                let now = engine.clock.now();
                let Some(found) = found(state).filter(|_| state.live().is_some()) else {
                    state.must_begin = true;
                    return Ok(());
                };
                let (max_age, patch) = (self.new_max_age(engine, state), self.rules.patch(state));
                let change = Change { patch: &patch, max_age, settings: Some(&settings) };
                let mut next = found.after(&change, now)?;
                next.id = ExpressId::new((self.rules.generate)());
                let key = lock_key(&next.id);
                let has_turn = state.live().is_some_and(|live| live.lock.is_some());
                let lock = if has_turn { Some(engine.lock(&key).await?) } else { None };
                let store = &self.rules.store;
                let life = next.life(now);
                engine.replaced.insert(lock_key(&found.id), now + engine.lifetime.rotation_grace, now);
                match store.rename(&found.id, &next.id, &found.text, &next.text, life).await? {
                    Replaced::Done => {
                        (next.is_new, next.modified, next.stored_at) = (true, true, Some(now));
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
}
