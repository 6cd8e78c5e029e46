//! What is done for a session before the response leaves, asked or unasked.

use std::time::Duration;

use super::found::Found;
use super::sessions::{Sessions, found, found_mut, is_new_visitor};
use super::store::Replaced;
use crate::cookies::CookieHeaders;
use crate::session::{CookieChange, Engine, Origin, SessionError, State};
use crate::store::Patch;

/// What was stored so short a time before the response was there as surely as another look could tell.
const RECENT: Duration = Duration::from_millis(100);

impl Sessions {
    pub(super) async fn finish(
        &self,
        engine: &Engine,
        cookies: &CookieHeaders,
        state: &mut State,
    ) -> Result<(), SessionError> {
        let rules = &self.rules;
        if rules.acts_unasked() && matches!(state.origin, Origin::Unread) {
            if state.unknown {
                // It has been asked for, and the answer says so.
                return Ok(());
            }
            // Unasked it takes no turn, which a slow request may have for long.
            state.late = true;
            self.load(engine, cookies, state).await?;
        }
        if state.live().is_none() {
            let begins = state.begins() || (rules.save_uninitialized && is_new_visitor(state));
            return if begins { self.create(engine, state).await } else { Ok(()) };
        }
        if self.is_modified(state) {
            self.save(engine, state).await?;
        } else {
            state.forget_changes();
            // Another request may have given the browser another cookie, or have ended the session.
            state.overtaken |= !self.keep(engine, state).await?;
        }
        let sets_cookie = !state.overtaken && found(state).is_some_and(|found| self.sets_cookie(found));
        if let Some(id) = state.live().filter(|_| sets_cookie).map(|live| live.id) {
            state.cookie = CookieChange::Set(id);
        }
        Ok(())
    }

    /// Whether the browser gets the cookie again that it has.
    fn sets_cookie(&self, found: &Found) -> bool {
        !found.is_new && (self.rules.rolling || (found.expires_at.is_some() && found.modified))
    }

    /// Postpones the end of an unchanged session. `false`: it has ended meanwhile, or has another id by now; then nothing
    /// comes back. That is asked where it matters: where the cookie is set.
    async fn keep(&self, engine: &Engine, state: &mut State) -> Result<bool, SessionError> {
        let now = engine.clock.now();
        let Some(found) = found_mut(state) else { return Ok(true) };
        let sets_cookie = self.sets_cookie(found);
        match found.stored_at {
            Some(at) if !sets_cookie || now.since(at) < RECENT => return Ok(true),
            None if self.rules.resave => return self.resave(engine, state).await,
            None if found.touched && !sets_cookie => return Ok(true),
            Some(_) | None => {}
        }
        found.postpone(now)?;
        Ok(self.rules.store.touch(&found.id, found.life(now)).await?)
    }

    /// Stores an unchanged session again.
    async fn resave(&self, engine: &Engine, state: &mut State) -> Result<bool, SessionError> {
        let unchanged = Patch::default();
        loop {
            match self.replace(engine, state, &unchanged).await? {
                Replaced::Other(text) => self.refresh(engine, state, text)?,
                Replaced::Done => return Ok(true),
                Replaced::Gone | Replaced::Taken => return Ok(false),
            }
        }
    }
}
