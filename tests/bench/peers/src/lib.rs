//! What the compared servers have in common: how they listen, and the answer they give.

use std::convert::Infallible;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use axum::{Json, ServiceExt};
use serde::Serialize;
use tower_service::Service;

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

/// What is served: routes, or a session layer around them. A layer on the routes is boxed by axum with every request,
/// which would be counted as its own.
pub trait App:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> App for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

/// Serves on 127.0.0.1, on the port in the variable `PORT`.
pub fn serve<A: App>(app: impl FnOnce() -> A) -> Result<(), Box<dyn Error>> {
    serve_with(async { Ok(app()) })
}

/// The same for an app that has to wait for something first.
pub fn serve_with<A: App>(
    app: impl Future<Output = Result<A, Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    let port = std::env::var("PORT")?.parse()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let app = app.await?;
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        axum::serve(listener, app.into_make_service()).await?;
        Ok(())
    })
}
