//! What is done for a session before the response leaves, asked or unasked.

use super::sessions::{Sessions, found, found_mut};
use super::store::Replaced;
use crate::cookies::CookieHeaders;
use crate::session::{CookieChange, Engine, Origin, SessionError, State};
use crate::store::Patch;

impl Sessions {
    pub(super) async fn finish(
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
}
