//! The measured routes without any session: what axum itself costs.

use std::error::Error;

use axum::routing::{get, post};
use axum::{Json, Router};
use twinjar_bench_peers::{Answer, THINKING, answer, serve};

fn main() -> Result<(), Box<dyn Error>> {
    serve(|| {
        Router::new()
            .route("/health", get(async || "ok"))
            .route("/plain", get(async || answer(0)))
            .route("/read", get(async || answer(0)))
            .route("/write", post(async || answer(1)))
            .route("/naive-write", post(async || answer(1)))
            .route("/slow-write", post(slow_write))
            .route("/new", post(async || answer(1)))
            .with_state(())
    })
}

async fn slow_write() -> Json<Answer> {
    tokio::time::sleep(THINKING).await;
    answer(1)
}
