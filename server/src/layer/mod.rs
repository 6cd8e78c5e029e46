//! The tower layer that gives every request its session.

mod config;
mod future;
mod service;
mod sweeper;

pub use config::{ConfigError, SessionLayer, SessionLayerBuilder};
pub use future::ResponseFuture;
pub use service::SessionService;
