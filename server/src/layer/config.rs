//! The session layer and what can be set on it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower_layer::Layer;
use twinjar_shared::contract::MAX_KEY_BYTES;

use super::service::SessionService;
use crate::cookies::{CookieLines, CookieSecurity, InvalidCookie, Secrets, SessionCookie, Trust};
use crate::id::TokenForm;
use crate::session::{Adopter, Engine, Foreign, Lifetime, Locking, SessionEvents, SweepSchedule};
use crate::store::SessionStore;
use crate::time::{Clock, SystemClock};

/// Gives every request a [`Session`](crate::Session), and commits it before the response headers leave.
///
/// ```
/// use axum::{Router, routing::get};
/// use twinjar_server::{Secrets, Session, SessionError, SessionLayer, store::MemoryStore};
///
/// async fn visits(session: Session) -> Result<String, SessionError> {
///     let visits = session.update("visits", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
///     Ok(format!("visit number {visits}"))
/// }
///
/// let sessions = SessionLayer::new(MemoryStore::new(), &Secrets::random());
/// let app: Router = Router::new().route("/", get(visits)).layer(sessions);
/// ```
///
/// Around the whole application it costs less than on its routes: what is on a route, axum boxes with every request.
///
/// ```
/// # use axum::{Router, routing::get};
/// # use twinjar_server::{Secrets, SessionLayer, store::MemoryStore};
/// use axum::ServiceExt;
/// use axum::extract::Request;
/// use tower_layer::Layer;
///
/// # async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// # let routes = Router::new().route("/", get(|| async {}));
/// # let sessions = SessionLayer::new(MemoryStore::new(), &Secrets::random());
/// let app = sessions.layer(routes.with_state(()));
/// axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).await
/// # }
/// ```
#[derive(Clone)]
pub struct SessionLayer {
    engine: Arc<Engine>,
}

impl SessionLayer {
    /// A layer with the defaults of [`SessionLayer::builder`].
    pub fn new(store: impl SessionStore, secrets: &Secrets) -> Self {
        Self::builder(store, secrets).build().expect("the defaults are valid")
    }

    /// Sets up a layer.
    ///
    /// # Defaults
    /// - sessions end after 30 minutes without use, and 12 hours after they began in any case
    /// - use is written down once a minute (or after a tenth of the idle timeout, if that is sooner)
    /// - a rotated id leads to its session until 10 seconds after the new one was seen
    /// - requests of one session run side by side ([`Locking::Merge`]); under [`Locking::Exclusive`] they wait for
    ///   their turn 10 seconds at most
    /// - a session's data has at most 64 KiB, the name of a value 128 bytes
    /// - expired sessions are swept once a second, in shares
    /// - no companion cookie
    /// - nothing is stored for a visitor of whom nothing is to be remembered
    /// - what a request changes is stored whatever the status of its answer
    /// - where the store does not answer, the request is answered 503
    pub fn builder(store: impl SessionStore, secrets: &Secrets) -> SessionLayerBuilder {
        SessionLayerBuilder {
            store: Arc::new(store),
            secrets: secrets.clone(),
            cookie: SessionCookie::new(),
            clock: Arc::new(SystemClock),
            lifetime: Lifetime {
                idle: Duration::from_secs(30 * 60),
                absolute: Duration::from_secs(12 * 60 * 60),
                touch_interval: Duration::from_secs(60),
                rotation_grace: Duration::from_secs(10),
            },
            locking: Locking::Merge,
            lock_wait: Duration::from_secs(10),
            max_data_bytes: 64 * 1024,
            max_key_bytes: MAX_KEY_BYTES,
            sweep_interval: Duration::from_secs(1),
            save_uninitialized: false,
            rolling: false,
            save_on_server_error: true,
            fail_open: false,
            companion: false,
            trust: Trust::default(),
            events: None,
            foreign: None,
            adopter: None,
        }
    }

    /// Ends the open event streams of the [`SessionApi`](crate::SessionApi), which would else hold up a graceful
    /// shutdown: call it when that begins. Pages connect again by themselves, to the next server.
    pub fn end_event_streams(&self) {
        self.engine.hub.close();
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, Arc::clone(&self.engine))
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("cookie", &self.engine.token.name()).finish_non_exhaustive()
    }
}

/// Sets up a [`SessionLayer`]; see [`SessionLayer::builder`] for the defaults.
#[must_use = "call build to get the layer"]
pub struct SessionLayerBuilder {
    store: Arc<dyn SessionStore>,
    secrets: Secrets,
    cookie: SessionCookie,
    clock: Arc<dyn Clock>,
    lifetime: Lifetime,
    locking: Locking,
    lock_wait: Duration,
    max_data_bytes: usize,
    max_key_bytes: usize,
    sweep_interval: Duration,
    save_uninitialized: bool,
    rolling: bool,
    save_on_server_error: bool,
    fail_open: bool,
    companion: bool,
    trust: Trust,
    events: Option<Arc<dyn SessionEvents>>,
    foreign: Option<Box<dyn Foreign>>,
    adopter: Option<Box<dyn Adopter>>,
}

impl SessionLayerBuilder {
    /// How the cookie is set.
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.cookie = cookie;
        self
    }

    /// Ends sessions that have not been used for this long.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.lifetime.idle = timeout;
        self
    }

    /// Ends sessions this long after they began, whatever they are used for.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.lifetime.absolute = timeout;
        self
    }

    /// How often the use of a session is written down. A session may end that much before its idle timeout.
    pub fn touch_interval(mut self, interval: Duration) -> Self {
        self.lifetime.touch_interval = interval;
        self
    }

    /// How long a rotated id leads to its session after the new one has been seen; and how long requests with the id
    /// from before a login, which leads nowhere, leave the browser's cookies alone.
    pub fn rotation_grace(mut self, grace: Duration) -> Self {
        self.lifetime.rotation_grace = grace;
        self
    }

    /// How the requests of one session share it.
    pub fn locking(mut self, locking: Locking) -> Self {
        self.locking = locking;
        self
    }

    /// How long a request waits for its turn before it is answered 503.
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// The largest size of a session's data, in bytes of JSON.
    /// Each request is measured with what it has read; parallel ones may together store more. What is too large
    /// already may shrink.
    pub fn max_data_bytes(mut self, bytes: usize) -> Self {
        self.max_data_bytes = bytes;
        self
    }

    /// The largest size of a value's name, in bytes.
    pub fn max_key_bytes(mut self, bytes: usize) -> Self {
        self.max_key_bytes = bytes;
        self
    }

    /// How often a share of the expired sessions is removed.
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval;
        self
    }

    /// Begins a session for every visitor, as Express does by default. Robots get one with every request.
    pub fn save_uninitialized(mut self, yes: bool) -> Self {
        self.save_uninitialized = yes;
        self
    }

    /// Writes every use of a session down and sets the cookie anew with every response that used it.
    pub fn rolling(mut self, yes: bool) -> Self {
        self.rolling = yes;
        self
    }

    /// Whether what a handler has changed is stored when its answer is a server error (5xx). `false` drops it; what
    /// [`update`](crate::Session::update) and [`save`](crate::Session::save) have committed stays.
    pub fn save_on_server_error(mut self, yes: bool) -> Self {
        self.save_on_server_error = yes;
        self
    }

    /// Lets handlers answer as they like where the store does not say which session it is. By default their answer is
    /// replaced by 503 `store_unavailable` unless it is a server error (5xx) itself: else somebody who has logged in
    /// would be treated like somebody who has not. What was not stored is answered 503 in either case.
    pub fn insecure_fail_open(mut self, yes: bool) -> Self {
        self.fail_open = yes;
        self
    }

    /// Sets a second cookie beside the session cookie, for scripts to read: the CSRF token, the deadlines and the
    /// revision, so that a page knows about its session without a request. It is no credential.
    pub fn companion_cookie(mut self, yes: bool) -> Self {
        self.companion = yes;
        self
    }

    /// Believes the first item of `X-Forwarded-Proto`. Only behind a proxy that writes the header itself: else
    /// clients decide for themselves whether they are secure.
    pub fn trust_forwarded_proto(mut self) -> Self {
        self.trust.forwarded_proto = true;
        self
    }

    /// Takes every connection for https: for a server behind a proxy that lets nothing else through.
    pub fn assume_https(mut self) -> Self {
        self.trust.assume_https = true;
        self
    }

    /// Hands what happens to sessions to an audit log.
    pub fn events(mut self, events: impl SessionEvents) -> Self {
        self.events = Some(Arc::new(events));
        self
    }

    /// Reads the time elsewhere.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Keeps the sessions in a foreign format instead of the store.
    #[cfg(feature = "express")]
    pub(crate) fn foreign(mut self, foreign: Box<dyn Foreign>) -> Self {
        self.foreign = Some(foreign);
        self
    }

    /// Takes over sessions.
    #[cfg(feature = "express")]
    pub(crate) fn adopter(mut self, adopter: Box<dyn Adopter>) -> Self {
        self.adopter = Some(adopter);
        self
    }

    /// Checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`]: the cookie is one that browsers drop, or a time is zero.
    pub fn build(self) -> Result<SessionLayer, ConfigError> {
        if self.lifetime.idle.is_zero() || self.lifetime.absolute.is_zero() || self.sweep_interval.is_zero() {
            return Err(ConfigError::ZeroDuration);
        }
        let lines = self.cookie.lines()?;
        // A foreign format decides about its own cookie alone.
        let companion = match self.foreign {
            Some(_) => self.cookie.security(CookieSecurity::Always),
            None => self.cookie,
        };
        let companion = self.companion.then(|| companion.companion_lines()).transpose()?;
        let sees_loopback = std::iter::once(&lines).chain(&companion).any(CookieLines::ask_for_loopback);
        let waits_elsewhere = self.foreign.is_some() || self.adopter.is_some();
        let engine = Arc::new(Engine {
            answers_at_once: !waits_elsewhere && self.store.answers_at_once(),
            store: self.store,
            token: TokenForm::new(&lines.name, self.secrets.ring()),
            clock: self.clock,
            lifetime: self.lifetime,
            locking: self.locking,
            lock_wait: self.lock_wait,
            max_data_bytes: self.max_data_bytes,
            max_key_bytes: self.max_key_bytes,
            save_uninitialized: self.save_uninitialized,
            rolling: self.rolling,
            save_on_server_error: self.save_on_server_error,
            fail_open: self.fail_open,
            events: self.events,
            hub: Arc::default(),
            replaced: Default::default(),
            trust: Trust { sees_loopback, ..self.trust },
            lines,
            companion,
            sweeps: SweepSchedule::every(self.sweep_interval),
            foreign: self.foreign,
            adopter: self.adopter,
        });
        Ok(SessionLayer { engine })
    }
}

impl fmt::Debug for SessionLayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cookie, lifetime, locking, .. } = self;
        let mut debug = f.debug_struct("SessionLayerBuilder");
        debug
            .field("cookie", cookie)
            .field("lifetime", lifetime)
            .field("locking", locking)
            .finish_non_exhaustive()
    }
}

/// Why a layer cannot be set up as described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The session cookie is one that browsers drop.
    Cookie(InvalidCookie),
    /// A timeout or interval is zero.
    ZeroDuration,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(error) => error.fmt(f),
            Self::ZeroDuration => f.write_str("timeouts and the sweep interval must be longer than zero"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<InvalidCookie> for ConfigError {
    fn from(error: InvalidCookie) -> Self {
        Self::Cookie(error)
    }
}
