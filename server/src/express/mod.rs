//! Sessions and cookies in the formats of Express, so that a twinjar server and an Express application share them.
//!
//! [`ExpressCompat`] sets up a [`SessionLayer`](crate::SessionLayer) whose sessions are those of express-session:
//! its cookie, its ids and its records, in the store that it uses. Handlers use the same
//! [`Session`](crate::Session) as ever. `EXPRESS.md` in this crate's folder says option by option what corresponds to
//! what, and how to move.
//!
//! | npm package | here |
//! |---|---|
//! | express-session | [`ExpressCompat`] |
//! | connect-redis | [`ConnectRedis`] |
//! | connect-pg-simple | `ConnectPgSimple` (feature `postgres`) |
//! | cookie-parser, `res.cookie` | [`ExpressCookies`], from [`Cookies::express`](crate::Cookies::express) |
//!
//! [`AdoptExpress`] lets a layer with this library's own format take over the sessions that Express has kept.
//!
//! ```no_run
//! use std::time::Duration;
//! use axum::{Router, routing::get};
//! use twinjar_server::express::{ConnectRedis, ExpressCompat};
//! use twinjar_server::{Secrets, Session, SessionError};
//!
//! async fn greet(session: Session) -> Result<String, SessionError> {
//!     let user: Option<String> = session.get("user").await?;
//!     Ok(format!("hello {}", user.as_deref().unwrap_or("stranger")))
//! }
//!
//! # async fn app() -> Result<Router, Box<dyn std::error::Error>> {
//! let store = ConnectRedis::connect("redis://127.0.0.1:6379/".parse()?).await?;
//! // The secret that Express has, of whatever length.
//! let secrets = Secrets::insecure_of_any_length(["keyboard cat"])?;
//! let sessions = ExpressCompat::new(store, &secrets).max_age(Duration::from_secs(86_400)).build()?;
//! Ok(Router::new().route("/", get(greet)).layer(sessions))
//! # }
//! ```

mod adopt;
mod candidates;
mod compat;
mod cookies;
mod finish;
mod found;
mod generate;
mod id;
#[cfg(feature = "postgres")]
mod postgres;
mod redis;
mod refusal;
mod renewal;
mod rules;
mod saving;
mod sessions;
mod store;

pub use adopt::AdoptExpress;
pub use compat::{ExpressCompat, ExpressSecure};
pub use cookies::{CookieOptions, ExpressCookies, ExpressValue, SignedCookie};
pub use id::ExpressId;
#[cfg(feature = "postgres")]
pub use postgres::{ConnectPgSimple, ConnectPgSimpleBuilder};
pub use redis::{ConnectRedis, ConnectRedisBuilder};
pub use store::{ExpressStore, Life, Replaced};
pub use twinjar_shared::cookie::Priority;
