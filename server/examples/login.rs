//! Login and logout: the id changes at login, "remember me" makes the cookie persistent, logout ends both sides.
//!
//! ```sh
//! cargo run -p twinjar-server --example login
//! curl -c jar -b jar http://127.0.0.1:8081/                             # nobody
//! curl -c jar -b jar -H 'content-type: application/json' \
//!      -d '{"user":"alice","remember":true}' http://127.0.0.1:8081/login
//! curl -c jar -b jar http://127.0.0.1:8081/                             # alice
//! curl -c jar -b jar -X POST -H "x-csrf-token: $(curl -s -b jar http://127.0.0.1:8081/csrf)" \
//!      http://127.0.0.1:8081/logout
//! ```

use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use twinjar_server::store::{MemoryStore, UserId};
use twinjar_server::{CsrfLayer, Expiry, Secrets, Session, SessionError, SessionEvent, SessionLayer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
struct Login {
    user: String,
    #[serde(default)]
    remember: bool,
}

/// A real application checks a password first.
async fn login(session: Session, Json(login): Json<Login>) -> Result<(), SessionError> {
    session.set_user(UserId::new(login.user)).await?;
    if login.remember {
        session.set_expiry(Expiry { idle: 14 * DAY, absolute: 90 * DAY, persistent: true }).await?;
    }
    Ok(())
}

async fn logout(session: Session) -> Result<(), SessionError> {
    session.destroy().await
}

/// For pages, which send it in the header `X-CSRF-Token`. Empty before there is a session.
async fn csrf_token(session: Session) -> Result<String, SessionError> {
    Ok(session.csrf_token().await?.unwrap_or_default())
}

async fn whoami(session: Session) -> Result<String, SessionError> {
    let user = session.user().await?;
    Ok(user.map_or_else(|| "nobody\n".to_owned(), |user| format!("{}\n", user.as_str())))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::builder(MemoryStore::new(), &Secrets::random())
        .events(|event: &SessionEvent| println!("audit: {event}"))
        .build()?;
    let app = Router::new()
        .route("/", get(whoami))
        .route("/csrf", get(csrf_token))
        .route("/login", post(login))
        .route("/logout", post(logout))
        // Inside the session layer: it needs the session to know the token.
        .layer(CsrfLayer::new())
        .layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
