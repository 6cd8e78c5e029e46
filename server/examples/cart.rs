//! Typed keys: a shopping cart that handlers, the session API and a Rust frontend declare once.
//!
//! ```sh
//! cargo run -p twinjar-server --example cart
//! add() {
//!   curl -c jar -b jar -X POST -H "x-csrf-token: $(curl -s -b jar http://127.0.0.1:8081/csrf)" \
//!        "http://127.0.0.1:8081/add/$1"
//! }
//! add 7; add 9
//! curl -c jar -b jar http://127.0.0.1:8081/api/session
//! ```

use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use twinjar_server::store::MemoryStore;
use twinjar_server::{CsrfLayer, Secrets, Session, SessionApi, SessionError, SessionKey, SessionLayer};

#[derive(Default, Serialize, Deserialize)]
struct Cart {
    articles: Vec<u64>,
}

/// In a real project this stands in a crate that server and frontend share.
const CART: SessionKey<Cart> = SessionKey::new("cart").max_bytes(8 * 1024);

async fn add(session: Session, Path(article): Path<u64>) -> Result<Json<Cart>, SessionError> {
    let add = |cart: Option<Cart>| {
        let mut cart = cart.unwrap_or_default();
        cart.articles.push(article);
        cart
    };
    Ok(Json(session.update(CART, add).await?))
}

async fn csrf_token(session: Session) -> Result<String, SessionError> {
    Ok(session.csrf_token().await?.unwrap_or_default())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/add/{article}", post(add))
        // Pages may look into the cart; only handlers change it.
        .nest("/api/session", SessionApi::new().read(CART).router())
        .route("/csrf", get(csrf_token))
        // Around everything that changes something, the session API included.
        .layer(CsrfLayer::new())
        .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}
