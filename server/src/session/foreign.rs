//! Sessions that another system's format keeps: what takes the place of the engine's own steps then.

use std::pin::Pin;

use http::HeaderValue;

use super::{Engine, SessionError, State};
use crate::StoreKey;
use crate::cookies::CookieHeaders;
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

    /// Refuses changes that the format has no room for.
    fn check(&self, patch: &Patch) -> Result<(), SessionError>;

    /// The `Set-Cookie` line that the state asks for.
    fn cookie_line(&self, state: &State) -> Option<HeaderValue>;
}
