//! The measured routes on tower-sessions, of the release that the including program calls its peer.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use twinjar_bench_peers::{Answer, THINKING, answer};

use crate::peer::{Session, session};

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

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/health", get(async || "ok"))
        .route("/plain", get(async || answer(0)))
        .route("/read", get(read))
        .route("/write", post(write))
        .route("/naive-write", post(write))
        .route("/slow-write", post(slow_write))
        .route("/new", post(new))
        .with_state(())
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
