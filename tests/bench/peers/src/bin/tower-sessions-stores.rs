//! The measured routes on tower-sessions with the store that `STORE` names: `redis://…`, `postgres://…` or `sqlite:PATH`,
//! the latter with SQLite's own defaults, or with `WAL=1` in its WAL mode.

use std::error::Error;

use tower_layer::Layer;
use tower_sessions_for_stores as peer;
use tower_sessions_redis_store::{RedisStore, fred};
use tower_sessions_sqlx_store::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tower_sessions_sqlx_store::sqlx::{PgPool, SqlitePool};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};
use twinjar_bench_peers::{App, serve_with};

use crate::peer::{SessionManagerLayer, SessionStore};
use crate::routes::routes;

#[path = "../routes.rs"]
mod routes;

/// As the store's own example has it.
const REDIS_CONNECTIONS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("STORE")?;
    match url.split_once(':') {
        Some(("redis", _)) => serve_with(redis(&url)),
        Some(("postgres", _)) => serve_with(postgres(&url)),
        Some(("sqlite", path)) => serve_with(sqlite(path)),
        _ => Err("STORE is redis://…, postgres://… or sqlite:PATH".into()),
    }
}

async fn redis(url: &str) -> Result<impl App, Box<dyn Error>> {
    use fred::prelude::{ClientLike, Config, Pool};
    let pool = Pool::new(Config::from_url(url)?, None, None, None, REDIS_CONNECTIONS)?;
    pool.connect();
    pool.wait_for_connect().await?;
    Ok(on(RedisStore::new(pool)))
}

async fn postgres(url: &str) -> Result<impl App, Box<dyn Error>> {
    let store = PostgresStore::new(PgPool::connect(url).await?);
    store.migrate().await?;
    Ok(on(store))
}

async fn sqlite(path: &str) -> Result<impl App, Box<dyn Error>> {
    let mut options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    if std::env::var_os("WAL").is_some() {
        options = options.journal_mode(SqliteJournalMode::Wal);
    }
    let store = SqliteStore::new(SqlitePool::connect_with(options).await?);
    store.migrate().await?;
    Ok(on(store))
}

fn on(store: impl SessionStore + Clone) -> impl App {
    SessionManagerLayer::new(store).with_secure(false).layer(routes())
}
