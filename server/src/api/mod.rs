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
//! | `GET /devices` | the sessions of the user |
//! | `DELETE /devices/{handle}` | 204; that session is ended |
//! | `POST /devices/revoke-others` | how many were ended |
//!
//! Writes take `If-Match: "<revision>"` and answer 412 when the session has another one. Errors are RFC 9457
//! problems with the codes of [`ProblemCode`](twinjar_shared::session::ProblemCode).

mod devices;
mod exposed;
mod patch;
mod precondition;
mod reject;
mod values;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch as patch_method, post, put};
use serde::de::DeserializeOwned;

use self::exposed::Exposed;
use crate::session::ReadKey;

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
    max_body_bytes: usize,
}

impl SessionApi {
    /// Exposes nothing, and takes bodies of at most 64 KiB.
    pub const fn new() -> Self {
        Self { exposed: Vec::new(), max_body_bytes: 64 * 1024 }
    }

    /// Lets pages read a value.
    pub fn read<T: DeserializeOwned>(self, key: impl ReadKey<T> + Send + Sync + 'static) -> Self {
        self.expose(Exposed::new(key, false))
    }

    /// Lets pages read and write a value. What is not a `T` is refused.
    pub fn read_write<T: DeserializeOwned>(self, key: impl ReadKey<T> + Send + Sync + 'static) -> Self {
        self.expose(Exposed::new(key, true))
    }

    /// The largest request body, in bytes.
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
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
