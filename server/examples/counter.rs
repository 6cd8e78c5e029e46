//! The smallest application with sessions: it counts visits, and loses none that come at the same time.
//!
//! `cargo run -p twinjar-server --example counter`, then open <http://127.0.0.1:8081/>.

use axum::{Router, routing::get};
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, Session, SessionError, SessionLayer};

async fn count(session: Session) -> Result<String, SessionError> {
    let visits = session.update("visits", |n: Option<u64>| n.unwrap_or(0) + 1).await?;
    Ok(format!("visit number {visits}\n"))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // A random secret ends all sessions with the process, as the memory store does.
    let sessions = SessionLayer::new(MemoryStore::new(), &Secrets::random());
    let app = Router::new().route("/", get(count)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}
