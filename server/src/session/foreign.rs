//! Sessions that another system's format keeps: what takes the place of the engine's own steps then.

use std::pin::Pin;

use http::HeaderValue;

use super::state::{CookieChange, Origin};
use super::{Engine, SessionError, State};
use crate::StoreKey;
use crate::cookies::CookieHeaders;
use crate::id::SessionId;
use crate::store::{Patch, StoreFuture, StoreLock};

/// A step that waits for a foreign store.
pub(crate) type Step<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, SessionError>> + Send + 'a>>;

/// The steps of a session in a foreign format. Each does what the [`Engine`]'s of the same name does.
pub(crate) trait Foreign: Send + Sync {
    fn load<'a>(&'a self, engine: &'a Engine, cookies: &'a CookieHeaders, state: &'a mut State) -> Step<'a>;

    fn reload<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a>;

    fn commit<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a>;

    fn commit_if_unchanged<'a>(
        &'a self,
        engine: &'a Engine,
        state: &'a mut State,
        patch: &'a Patch,
    ) -> Step<'a, bool>;

    fn rotate<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a>;

    fn destroy<'a>(&'a self, engine: &'a Engine, state: &'a mut State) -> Step<'a>;

    fn is_settled(&self, state: &State) -> bool;

    fn finish<'a>(&'a self, engine: &'a Engine, cookies: &'a CookieHeaders, state: &'a mut State)
    -> Step<'a>;

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock>;

    /// Spells changes as the format does, and refuses those that it has no room for.
    fn admit(&self, patch: &mut Patch) -> Result<(), SessionError>;

    /// The `Set-Cookie` line that the state asks for.
    fn cookie_line(&self, state: &State) -> Option<HeaderValue>;
}

/// Takes over sessions that another system has kept so far.
pub(crate) trait Adopter: Send + Sync {
    /// Makes a session of this store's of the foreign one that the cookies lead to. `None`: there is none.
    fn adopt<'a>(
        &'a self,
        engine: &'a Engine,
        cookies: &'a CookieHeaders,
        state: &'a mut State,
    ) -> Step<'a, Option<SessionId>>;

    /// The `Set-Cookie` line that removes the foreign cookie, after an adoption.
    fn cookie_line(&self, state: &State) -> Option<HeaderValue>;
}

impl Engine {
    /// The step that looks for a session to adopt, where there may be one.
    pub(super) fn adoption<'a>(
        &'a self,
        cookies: &'a CookieHeaders,
        state: &'a mut State,
    ) -> Option<Step<'a>> {
        let adopter = self.adopter.as_ref().filter(|_| !state.watching)?;
        Some(Box::pin(async move {
            let Some(id) = adopter.adopt(self, cookies, state).await? else { return Ok(()) };
            let (key, cookie) = (id.store_key(), CookieChange::Set(id));
            let Some(loaded) = self.store.load(&key, state.read_at).await? else { return Ok(()) };
            let settled = self.settle(id, key, cookie, loaded, false, state.read_at).await?;
            if let Some((live, cookie)) = settled {
                state.origin = Origin::Live(live);
                state.cookie = cookie;
            }
            Ok(())
        }))
    }
}
