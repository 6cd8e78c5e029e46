//! What the compared servers have in common: how they listen, and the answer they give.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::{Json, Router};
use serde::Serialize;

/// How long the slow route thinks.
pub const THINKING: Duration = Duration::from_millis(5);

/// The answer of every measured route, the same bytes from all.
#[derive(Serialize)]
pub struct Answer {
    ok: bool,
    src: &'static str,
    n: u64,
}

/// The answer with this number.
pub fn answer(n: u64) -> Json<Answer> {
    Json(Answer { ok: true, src: "peer", n })
}

/// Serves on 127.0.0.1, on the port in the variable `PORT`.
pub fn serve(router: impl FnOnce() -> Router) -> Result<(), Box<dyn Error>> {
    serve_with(async { Ok(router()) })
}

/// The same for a router that has to wait for something first.
pub fn serve_with(
    router: impl Future<Output = Result<Router, Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    let port = std::env::var("PORT")?.parse()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let router = router.await?;
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}
