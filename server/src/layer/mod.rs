//! The tower layer that gives every request its session.

mod config;
mod cookie;
mod future;
mod service;
mod sweeper;
mod transport;

pub use config::{ConfigError, SessionLayer, SessionLayerBuilder};
pub use cookie::{CookieSecurity, SessionCookie};
pub use future::ResponseFuture;
pub use service::SessionService;
