//! The session in other middleware: a layer of one's own reads it before the handler and writes it after.
//!
//! `cargo run -p twinjar-server --example layers`, then open <http://127.0.0.1:8081/>.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Router, routing::get};
use http::HeaderValue;
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, Session, SessionError, SessionLayer};

/// Counts the requests of each session, and remembers how the last one ended.
async fn follow(session: Session, request: Request, next: Next) -> Result<Response, SessionError> {
    let requests = session.update("requests", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-request-of-session", HeaderValue::from(requests));
    session.insert("last_status", response.status().as_u16()).await?;
    Ok(response)
}

async fn show(session: Session) -> Result<String, SessionError> {
    let last: Option<u16> = session.get("last_status").await?;
    Ok(format!("the last answer was {last:?}\n"))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/", get(show))
        .layer(from_fn(follow))
        // The session layer is outermost: it is added last.
        .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}
