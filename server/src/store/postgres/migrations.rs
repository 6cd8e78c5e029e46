//! The tables and functions, version by version.

use deadpool_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connection::quoted;
use super::error::store_error;
use crate::store::{StoreError, StoreErrorKind};

/// Each brings the schema one version further. What is released is never changed, only added to.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_sessions.sql"),
    include_str!("../../../migrations/postgres/0002_news.sql"),
];

/// Brings the schema to the newest version, with one server at a time. Where it is there already nothing is written,
/// and nothing is asked for that only the owner of the tables may do.
pub(super) async fn apply(client: &mut Client, schema: &str) -> Result<(), StoreError> {
    if is_current(version(client).await?)? {
        return Ok(());
    }
    let transaction = client.transaction().await.map_err(store_error)?;
    let schema = quoted(schema);
    // Released with the transaction, however it ends.
    transaction
        .execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('twinjar migrations ' || $1::text, 0))",
            &[&schema],
        )
        .await
        .map_err(store_error)?;
    let create = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE IF NOT EXISTS migrations \
         (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    );
    transaction.batch_execute(&create).await.map_err(store_error)?;
    let row = transaction.query_one(VERSION, &[]).await.map_err(store_error)?;
    let applied = usize::try_from(row.get::<_, i32>(0)).unwrap_or_default();
    is_current(Some(applied))?;
    for (version, migration) in (1_i32..).zip(MIGRATIONS).skip(applied) {
        transaction.batch_execute(migration).await.map_err(store_error)?;
        let note = "INSERT INTO migrations (version) VALUES ($1)";
        transaction.execute(note, &[&version]).await.map_err(store_error)?;
    }
    transaction.commit().await.map_err(store_error)
}

const VERSION: &str = "SELECT coalesce(max(version), 0) FROM migrations";

/// `None`: there is nothing yet.
async fn version(client: &Client) -> Result<Option<usize>, StoreError> {
    match client.query_one(VERSION, &[]).await {
        Ok(row) => Ok(usize::try_from(row.get::<_, i32>(0)).ok()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(store_error(error)),
    }
}

fn is_current(version: Option<usize>) -> Result<bool, StoreError> {
    match version {
        Some(version) if version > MIGRATIONS.len() => Err(StoreError::new(StoreErrorKind::Incompatible)),
        version => Ok(version == Some(MIGRATIONS.len())),
    }
}
