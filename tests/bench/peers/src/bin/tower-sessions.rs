//! The measured routes on tower-sessions with its memory store; `SIGNED=1` signs its cookie.

use std::error::Error;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use tower_sessions::cookie::Key;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, session};
use twinjar_bench_peers::{Answer, THINKING, answer, serve};

type Outcome = Result<Json<Answer>, Failure>;

struct Failure;

impl From<session::Error> for Failure {
    fn from(_: session::Error) -> Self {
        Self
    }
}

impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let signed = std::env::var_os("SIGNED").is_some();
    serve(move || {
        let layer = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
        if signed { routes().layer(layer.with_signed(Key::generate())) } else { routes().layer(layer) }
    })
}

fn routes() -> Router {
    Router::new()
        .route("/health", get(async || "ok"))
        .route("/plain", get(async || answer(0)))
        .route("/read", get(read))
        .route("/write", post(write))
        .route("/naive-write", post(write))
        .route("/slow-write", post(slow_write))
        .route("/new", post(new))
}

async fn read(session: Session) -> Outcome {
    Ok(answer(session.get("n").await?.unwrap_or(0)))
}

async fn write(session: Session) -> Outcome {
    let n: u64 = session.get("n").await?.unwrap_or(0) + 1;
    session.insert("n", n).await?;
    Ok(answer(n))
}

async fn slow_write(session: Session) -> Outcome {
    let n: u64 = session.get("n").await?.unwrap_or(0) + 1;
    tokio::time::sleep(THINKING).await;
    session.insert("n", n).await?;
    Ok(answer(n))
}

async fn new(session: Session) -> Outcome {
    session.insert("n", 1_u64).await?;
    Ok(answer(1))
}
