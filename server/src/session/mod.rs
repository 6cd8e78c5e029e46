//! The session of a request: a pure state, and the handle through which handlers and middleware use it.

#[macro_use]
mod drive;

mod bounds;
mod devices;
mod engine;
mod error;
mod events;
mod feed;
mod follow;
mod foreign;
mod hub;
mod info;
mod key;
mod lifecycle;
mod lookup;
mod notes;
mod recall;
mod replaced;
mod rotation;
pub(crate) mod spans;
mod state;
mod sweep;
mod update;
mod whole;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::lock::{Mutex, MutexGuard};

pub(crate) use engine::Engine;
pub use error::SessionError;
pub use events::{SessionEvent, SessionEventKind, SessionEvents};
pub(crate) use feed::{Feed, FeedTiming, News, NoFeed};
#[cfg(feature = "express")]
pub(crate) use foreign::Step;
pub(crate) use foreign::{Adopter, Foreign};
pub(crate) use hub::WatchLimits;
pub use info::{Expiry, SessionInfo};
pub use key::{ReadKey, WriteKey};
#[cfg(feature = "express")]
pub(crate) use state::fresh_meta;
pub(crate) use state::{CookieChange, Lifetime, Live, Origin, State};
pub(crate) use sweep::SweepSchedule;

use crate::cookies::CookieHeaders;
use crate::id::SessionId;

/// How the requests of one session share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locking {
    /// They run side by side; writes are merged key by key, the last write of a key stays, and
    /// [`Session::update`] is atomic.
    #[default]
    Merge,
    /// They take turns, from the first use of the session to the response: for code that gets, thinks and inserts.
    /// What a stream or a WebSocket does after its response headers takes no turn: it has [`Session::update`].
    Exclusive,
}

/// The session of the current request. Cheap to clone; clones are the same session.
///
/// Nothing is read before it is asked for, and nothing stored before something is set. Changes are committed
/// before the response headers leave, or by [`save`](Self::save).
///
/// ```
/// use twinjar_server::{Session, SessionError};
///
/// async fn count_visits(session: Session) -> Result<String, SessionError> {
///     let visits = session.update("visits", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
///     Ok(format!("visit number {visits}"))
/// }
/// ```
///
/// | express-session | here |
/// |---|---|
/// | `req.session.n` | [`session.get("n")`](Self::get) |
/// | `req.session.n = 1` | [`session.insert("n", 1)`](Self::insert) |
/// | `delete req.session.n` | [`session.remove("n")`](Self::remove) |
/// | `req.session.n++` | [`session.update("n", …)`](Self::update), which loses no parallel update |
/// | `req.session.regenerate()` | [`destroy`](Self::destroy), then insert; or [`rotate`](Self::rotate), which keeps the data |
/// | `req.session.destroy()` | [`destroy`](Self::destroy), which also clears the cookie |
/// | `req.session.reload()`, `save()` | [`reload`](Self::reload), [`save`](Self::save) |
/// | `req.session.touch()` | done for you when the session is used |
/// | `req.session.cookie.maxAge = …` | [`set_expiry`](Self::set_expiry) |
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    cookies: CookieHeaders,
    /// Set by the first use, so that the response of a request without one costs nothing.
    used: AtomicBool,
    /// The response headers have left.
    sent: AtomicBool,
    state: Mutex<State>,
}

impl Session {
    pub(crate) fn new(engine: Arc<Engine>, cookies: CookieHeaders, https: bool) -> Self {
        Self(Arc::new(Inner {
            engine,
            cookies,
            used: AtomicBool::new(false),
            sent: AtomicBool::new(false),
            state: Mutex::new(State { https, ..State::default() }),
        }))
    }

    /// Reads a value. `None`: there is no session, or no such key.
    ///
    /// # Errors
    /// [`SessionError::Value`] when the value is not a `T`; [`SessionError::Store`].
    pub async fn get<T>(&self, key: impl ReadKey<T>) -> Result<Option<T>, SessionError> {
        let state = self.loaded().await?;
        state.value(key.name()).map(|json| key.decode(json)).transpose()
    }

    /// Reads a value as JSON text.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn get_json(&self, key: &str) -> Result<Option<String>, SessionError> {
        Ok(self.loaded().await?.value(key).map(str::to_owned))
    }

    /// Sets a value; a session begins if there is none.
    ///
    /// Parallel requests that set other keys keep theirs; of the same key, the last commit stays. What depends on
    /// the old value belongs into [`update`](Self::update).
    ///
    /// # Errors
    /// [`SessionError::Value`] when it cannot be written as JSON, [`SessionError::TooLarge`],
    /// [`SessionError::Store`]. What was there is unchanged.
    pub async fn insert<T>(&self, key: impl WriteKey<T>, value: T) -> Result<(), SessionError> {
        let json = key.encode(value)?;
        self.change(|patch| patch.set(key.name(), json)).await
    }

    /// Removes a value, if it is there.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn remove(&self, key: &str) -> Result<(), SessionError> {
        self.change(|patch| patch.remove(key)).await
    }

    /// Removes all values; the session itself stays.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn clear(&self) -> Result<(), SessionError> {
        self.change(crate::store::Patch::clear).await
    }

    /// Reads the session from the store again. Changes that are not saved stay as they are.
    ///
    /// # Errors
    /// [`SessionError::Gone`] when it has been ended meanwhile; [`SessionError::Store`].
    pub async fn reload(&self) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        drive!(self.0.engine, "reload", self.0.engine.reload(&mut state))
    }

    /// Commits the changes now, and not only before the response leaves.
    ///
    /// # Errors
    /// [`SessionError::Gone`], [`SessionError::Store`].
    pub async fn save(&self) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        if state.begins() {
            self.refuse_late()?;
        }
        drive!(self.0.engine, "commit", self.0.engine.commit(&mut state))
    }

    /// Commits the changes now if the session still has this revision. `false`: it has another one (or there is
    /// none); nothing is stored, and the changes are dropped.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub async fn save_if(&self, revision: crate::store::Revision) -> Result<bool, SessionError> {
        let mut state = self.loaded().await?;
        let patch = std::mem::take(&mut state.patch);
        if state.live().is_none_or(|live| live.record.revision != revision) {
            state.forget_changes();
            return Ok(false);
        }
        drive!(self.0.engine, "commit", self.0.engine.commit_if_unchanged(&mut state, &patch))
    }

    /// Drops the values set and removed since the last commit.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn discard(&self) -> Result<(), SessionError> {
        self.loaded().await?.patch = crate::store::Patch::default();
        Ok(())
    }

    /// What is known of the session besides its data. `None`: there is none in the store (yet).
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn info(&self) -> Result<Option<SessionInfo>, SessionError> {
        let state = self.loaded().await?;
        Ok(state.live().map(|live| SessionInfo::of(&live.record)))
    }

    /// Foreign formats have no room for one.
    pub(crate) fn has_absolute_limit(&self) -> bool {
        self.engine().foreign.is_none()
    }

    /// All values as the text of one JSON object, changes of this request included.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn data(&self) -> Result<crate::store::SessionData, SessionError> {
        let state = self.loaded().await?;
        let stored = state.live().map(|live| live.record.data.clone()).unwrap_or_default();
        Ok(state.patch.apply(&stored))
    }

    /// The token that unsafe requests of this session carry in `X-CSRF-Token`. `None`: there is no session (yet).
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn csrf_token(&self) -> Result<Option<String>, SessionError> {
        let state = self.loaded().await?;
        let id = |live: &Live| live.current_id().unwrap_or(live.id);
        Ok(state.live().map(|live| self.0.engine.token.csrf_token(&id(live))))
    }

    /// Whether `token` is the session's, under the id that the request came with or the one it has by now: a request
    /// may be on its way while another one moves the session. `None`: there is no session.
    pub(crate) async fn verify_csrf_token(&self, token: &[u8]) -> Result<Option<bool>, SessionError> {
        let state = self.loaded().await?;
        let token_form = &self.0.engine.token;
        let is_token_of = |id: &SessionId| token_form.verify_csrf_token(id, token);
        Ok(state
            .live()
            .map(|live| is_token_of(&live.id) || live.current_id().is_some_and(|id| is_token_of(&id))))
    }

    /// The time by the layer's clock.
    pub(crate) fn now(&self) -> crate::UnixMillis {
        self.0.engine.clock.now()
    }

    /// Lets the response headers leave if nothing has asked for the session, and nothing is to be done unasked. Who asks
    /// at this very moment either is waited for, or finds them gone.
    pub(crate) fn leaves_unused(&self) -> bool {
        if self.is_used() || self.0.engine.save_uninitialized {
            return false;
        }
        self.mark_sent();
        !self.is_used()
    }

    /// Whether anybody has asked for the session.
    pub(crate) fn is_used(&self) -> bool {
        self.0.used.load(Ordering::SeqCst)
    }

    /// The request has ended without a response: what is done with its session from now on is like after one.
    pub(crate) fn abandon(&self) {
        if !self.0.sent.load(Ordering::SeqCst) {
            self.mark_sent();
            self.try_state().as_deref_mut().map(State::end_turn);
        }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// The response headers leave now.
    pub(crate) fn mark_sent(&self) {
        self.0.sent.store(true, Ordering::SeqCst);
    }

    /// The state if nobody else is at it, without waiting.
    pub(crate) fn try_state(&self) -> Option<MutexGuard<'_, State>> {
        self.0.state.try_lock()
    }

    pub(crate) async fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().await
    }

    pub(crate) fn cookies(&self) -> &CookieHeaders {
        &self.0.cookies
    }

    /// The state, after the session has been looked up.
    pub(crate) async fn loaded(&self) -> Result<MutexGuard<'_, State>, SessionError> {
        let mut state = match self.0.state.try_lock() {
            Some(state) => state,
            None => self.0.state.lock().await,
        };
        self.0.used.store(true, Ordering::SeqCst);
        if self.0.sent.load(Ordering::SeqCst) {
            state.late = true;
            state.end_turn();
        }
        if matches!(state.origin, Origin::Unread) && !self.0.engine.peek(&self.0.cookies, &mut state) {
            let loaded = drive!(self.0.engine, "load", self.0.engine.load(&self.0.cookies, &mut state));
            state.unknown = matches!(loaded, Err(SessionError::Store(_)));
            loaded?;
        }
        Ok(state)
    }

    /// Makes all of the changes, or none: where they are too many, what was there is unchanged.
    pub(crate) async fn change(
        &self,
        change: impl FnOnce(&mut crate::store::Patch),
    ) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        let mut patch = state.patch.clone();
        change(&mut patch);
        state.patch = self.0.engine.admit(&state, patch)?;
        self.settle_late(&mut state).await
    }

    fn refuse_late(&self) -> Result<(), SessionError> {
        if self.0.sent.load(Ordering::SeqCst) { Err(SessionError::ResponseSent) } else { Ok(()) }
    }

    /// After the response headers have left, a change is committed at once or refused: nothing else would store it.
    async fn settle_late(&self, state: &mut State) -> Result<(), SessionError> {
        if !self.0.sent.load(Ordering::SeqCst) {
            return Ok(());
        }
        if state.live().is_none() {
            state.patch = crate::store::Patch::default();
            return Err(SessionError::ResponseSent);
        }
        Box::pin(self.0.engine.commit(state)).await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("used", &self.0.used).finish_non_exhaustive()
    }
}
