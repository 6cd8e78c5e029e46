#![doc = include_str!("../README.md")]

mod api;
mod cookies;
pub mod csrf;
#[cfg(feature = "express")]
pub mod express;
mod extract;
mod id;
mod layer;
mod problem;
mod session;
pub mod store;
mod time;

pub use api::SessionApi;
#[cfg(feature = "openapi")]
pub use api::describe_problems;
pub use cookies::{
    CookieError, CookieSecurity, Cookies, InvalidCookie, Secrets, SecretsError, SessionCookie,
};
pub use csrf::{CsrfFormField, CsrfLayer};
pub use extract::{
    LoggedIn, MissingCookiesLayer, MissingSessionLayer, NoWholeSession, NotLoggedIn, WholeSession,
};
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
