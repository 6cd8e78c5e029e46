//! The tower layers that give every request its session and its cookies.

mod caching;
mod companion;
mod config;
mod cookies;
mod future;
mod service;

pub use config::{ConfigError, SessionLayer, SessionLayerBuilder};
pub use cookies::{CookiesFuture, CookiesLayer, CookiesService};
pub use future::ResponseFuture;
pub use service::SessionService;
