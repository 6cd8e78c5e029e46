//! Requests that wait in the middle of their work, so that a test can let others overtake them.
//!
//! `GET /waiting` tells how many wait, and `POST /go-on` ends their wait before its time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Notify;

static WAITING: AtomicUsize = AtomicUsize::new(0);
static GO_ON: Notify = Notify::const_new();

/// Waits so long, unless it is told to go on.
pub(crate) async fn wait(limit: Duration) {
    let told = GO_ON.notified();
    let _counted = Counted::new();
    let _ = tokio::time::timeout(limit, told).await;
}

/// For outside of all layers, which would let these requests wait as well.
pub(crate) fn routes() -> Router {
    Router::new().route("/waiting", get(count)).route("/go-on", post(go_on))
}

async fn count() -> Json<Value> {
    Json(json!({ "waiting": WAITING.load(Ordering::SeqCst) }))
}

async fn go_on() -> Json<Value> {
    GO_ON.notify_waiters();
    Json(json!({ "ok": true }))
}

/// A request that is dropped while it waits counts no more.
struct Counted;

impl Counted {
    fn new() -> Self {
        WAITING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}
