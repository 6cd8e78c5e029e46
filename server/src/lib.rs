//! Cookies and sessions for axum and tower: no lost updates, no resurrected sessions.
//!
//! ```
//! use axum::{Router, routing::get};
//! use twinjar_server::{Secrets, Session, SessionError, SessionLayer, store::MemoryStore};
//!
//! async fn visits(session: Session) -> Result<String, SessionError> {
//!     let visits = session.update("visits", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
//!     Ok(format!("visit number {visits}"))
//! }
//!
//! let sessions = SessionLayer::new(MemoryStore::new(), &Secrets::random());
//! let app: Router = Router::new().route("/", get(visits)).layer(sessions);
//! ```
//!
//! - [`SessionLayer`] gives every request a [`Session`]; [`SessionCookie`] says how the cookie is set.
//! - [`Session`] reads, writes, rotates and ends it, in handlers and in other middleware.
//! - [`CookiesLayer`] gives every request its [`Cookies`]: plain, signed or encrypted, typed by [`CookieKey`].
//! - [`CsrfLayer`] refuses requests that other sites make; [`SessionApi`] lets pages use their session over HTTP.
//! - [`store`] keeps sessions; the contract there is what makes them safe.

mod api;
mod cookies;
pub mod csrf;
mod extract;
mod id;
mod layer;
mod problem;
mod session;
pub mod store;
mod time;

pub use api::SessionApi;
pub use cookies::{
    CookieError, CookieSecurity, Cookies, InvalidCookie, Secrets, SecretsError, SessionCookie,
};
pub use csrf::CsrfLayer;
pub use extract::{LoggedIn, MissingCookiesLayer, MissingSessionLayer};
pub use id::{Handle, InvalidHandle, StoreKey};
pub use layer::{
    ConfigError, CookiesFuture, CookiesLayer, CookiesService, ResponseFuture, SessionLayer,
    SessionLayerBuilder, SessionService,
};
pub use session::{
    Expiry, Locking, ReadKey, Session, SessionError, SessionEvent, SessionEventKind, SessionEvents,
    SessionInfo, WriteKey,
};
#[cfg(any(test, feature = "test-util"))]
pub use time::ManualClock;
pub use time::{Clock, SystemClock, UnixMillis};
pub use twinjar_shared::contract::{CookieKey, SessionKey};
pub use twinjar_shared::cookie::SameSite;
