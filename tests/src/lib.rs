//! The harness of twinjar's end-to-end tests: the demo server as a child process, a real browser, and curl with a
//! cookie jar. The tests themselves are in `tests/tests/`; `cargo xtask test --only browser` builds what they need.
//!
//! Everything here panics with a sentence when it cannot go on: that is how a test fails.

mod browser;
mod connection;
mod curl;
mod gate;
mod group;
mod page;
mod postgres;
mod redis;
mod report;
mod server;

pub use browser::{Browser, Look, Product};
pub use connection::Connection;
pub use curl::{Answer, Curl, StoredCookie};
pub use gate::Gate;
pub use page::Page;
pub use postgres::Postgres;
pub use redis::Redis;
pub use report::{axe, report};
pub use server::{Server, demo_server};
