//! The session API: a page reads and writes its session over HTTP, with no endpoint of the application's own.
//!
//! | method, path | answer |
//! |---|---|
//! | `GET /` | the session as a page may see it |
//! | `DELETE /` | 204; the session is destroyed |
//! | `GET /data/{key}` | a value, with its revision as `ETag` |
//! | `PUT /data/{key}` | 204; the JSON body is the new value; begins a session if there is none |
//! | `DELETE /data/{key}` | 204 |
//! | `PATCH /data` | the view; all changes of a merge patch (RFC 7396) or a JSON patch (RFC 6902), or none |
//! | `POST /rotate` | 204; a new id, the same data |
//! | `GET /events` | `text/event-stream`: what happens to the session, also in other tabs and on other devices |
//! | `GET /devices` | the sessions of the user |
//! | `DELETE /devices/{handle}` | 204; that session is ended |
//! | `POST /devices/revoke-others` | how many were ended |
//!
//! Writes take `If-Match: "<revision>"` and answer 412 when the session has another one. Errors are RFC 9457
//! problems with the codes of [`ProblemCode`](twinjar_shared::session::ProblemCode).

mod devices;
mod events;
mod exposed;
#[cfg(feature = "openapi")]
mod openapi;
mod patch;
mod precondition;
mod reject;
mod segment;
mod values;
mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch as patch_method, post, put};
use serde::de::DeserializeOwned;

use self::exposed::Exposed;
#[cfg(feature = "openapi")]
pub use self::openapi::describe_problems;
use crate::session::{FeedTiming, ReadKey, WatchLimits};

/// Says which keys of the session a page may see and write; what is not named stays on the server.
///
/// ```
/// use axum::Router;
/// use twinjar_server::{CsrfLayer, Secrets, SessionApi, SessionKey, SessionLayer, store::MemoryStore};
///
/// const CART: SessionKey<Vec<u64>> = SessionKey::new("cart");
/// const PLAN: SessionKey<String> = SessionKey::new("plan");
///
/// let api = SessionApi::new().read_write(CART).read(PLAN);
/// let app: Router = Router::new()
///     .nest("/api/session", api.router())
///     .layer(CsrfLayer::new())
///     .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()));
/// ```
#[derive(Debug)]
#[must_use = "call router to get the routes"]
pub struct SessionApi {
    exposed: Vec<Exposed>,
    label: Option<Box<str>>,
    max_body_bytes: usize,
    timing: FeedTiming,
    streams: WatchLimits,
}

impl SessionApi {
    /// Exposes nothing.
    ///
    /// # Defaults
    /// - bodies of at most 64 KiB
    /// - an end that is near is announced 2 minutes before
    /// - event streams give a sign of life every 15 seconds; at most 16 of one session, and 20,000 in all
    pub const fn new() -> Self {
        Self {
            exposed: Vec::new(),
            label: None,
            max_body_bytes: 64 * 1024,
            timing: FeedTiming { notice: Duration::from_secs(120), heartbeat: Duration::from_secs(15) },
            streams: WatchLimits { total: 20_000, per_session: 16 },
        }
    }

    /// Lets pages read a value.
    pub fn read<T: DeserializeOwned>(self, key: impl ReadKey<T> + Send + Sync + 'static) -> Self {
        self.expose(Exposed::new(key, false))
    }

    /// Lets pages read and write a value. What is not a `T` is refused.
    pub fn read_write<T: DeserializeOwned>(self, key: impl ReadKey<T> + Send + Sync + 'static) -> Self {
        self.expose(Exposed::new(key, true))
    }

    /// The value under which a session keeps what its device is called (“Firefox on Linux”): the list of devices shows
    /// it. Pages may set it themselves if it is exposed to them.
    pub fn device_label(mut self, key: &impl ReadKey<String>) -> Self {
        self.label = Some(key.name().into());
        self
    }

    /// The largest request body, in bytes.
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// How long before its end event streams announce that a session expires; at most half of its idle timeout.
    pub const fn expiry_notice(mut self, notice: Duration) -> Self {
        self.timing.notice = notice;
        self
    }

    /// How often a quiet event stream gives a sign of life. What another process has done to the session is noticed
    /// then as well.
    ///
    /// # Panics
    /// With zero.
    pub const fn heartbeat(mut self, interval: Duration) -> Self {
        assert!(!interval.is_zero(), "the heartbeat is longer than zero");
        self.timing.heartbeat = interval;
        self
    }

    /// How many event streams may be open at a time: of one session, and in all. More are answered 429.
    pub const fn max_event_streams(mut self, per_session: usize, total: usize) -> Self {
        self.streams = WatchLimits { total, per_session };
        self
    }

    /// The routes, to be nested where the API shall be (`/api/session` is where the browser package looks), inside
    /// a [`CsrfLayer`](crate::CsrfLayer) and a [`SessionLayer`](crate::SessionLayer).
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new()
            .route("/", get(view::get).delete(view::destroy))
            .route("/rotate", post(view::rotate))
            .route("/data", patch_method(patch::patch))
            .route("/data/{key}", put(values::put).get(values::get).delete(values::delete))
            .route("/events", get(events::stream))
            .route("/devices", get(devices::list))
            .route("/devices/revoke-others", post(devices::revoke_others))
            .route("/devices/{handle}", delete(devices::revoke))
            .fallback(reject::not_found)
            .method_not_allowed_fallback(reject::method_not_allowed)
            .layer(DefaultBodyLimit::max(self.max_body_bytes))
            .with_state(Arc::new(self))
    }

    fn expose(mut self, exposed: Exposed) -> Self {
        self.exposed.push(exposed);
        self
    }
}

impl Default for SessionApi {
    fn default() -> Self {
        Self::new()
    }
}
