//! The measured routes on tower-sessions with its memory store; `SIGNED=1` signs its cookie.

use std::error::Error;

use tower_layer::Layer;
use tower_sessions as peer;
use tower_sessions::cookie::Key;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use twinjar_bench_peers::serve;

use crate::routes::routes;

#[path = "../routes.rs"]
mod routes;

fn main() -> Result<(), Box<dyn Error>> {
    let layer = || SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    if std::env::var_os("SIGNED").is_some() {
        serve(|| layer().with_signed(Key::generate()).layer(routes()))
    } else {
        serve(|| layer().layer(routes()))
    }
}
