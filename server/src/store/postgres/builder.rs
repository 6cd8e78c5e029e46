//! What can be set on a PostgreSQL store.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::address::PostgresAddress;
use super::connection::{Database, Settings};
use super::{Inner, PostgresStore};
use crate::store::StoreError;

/// Sets up a [`PostgresStore`]; see [`PostgresStore::builder`] for the defaults.
#[derive(Clone, Debug)]
#[must_use = "call connect to get the store"]
pub struct PostgresStoreBuilder(Settings);

impl PostgresStoreBuilder {
    pub(super) fn new() -> Self {
        Self(Settings {
            schema: "twinjar".into(),
            timeout: Duration::from_secs(5),
            connections: const { NonZeroUsize::MIN.saturating_add(15) },
        })
    }

    /// The schema that holds the tables: stores with different ones share a database.
    pub fn schema(mut self, name: impl Into<Arc<str>>) -> Self {
        self.0.schema = name.into();
        self
    }

    /// How long an operation waits for PostgreSQL, and for a connection, until it fails as
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// How many connections work at the same time; they are made as they are needed. One more holds
    /// [locks](crate::store::SessionStore::lock).
    pub fn connections(mut self, most: NonZeroUsize) -> Self {
        self.0.connections = most;
        self
    }

    /// Connects, and creates the tables or brings them to this version's form. Servers that start together wait for
    /// one of them to do it.
    ///
    /// # Errors
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server does not answer, or has no such
    /// database. [`Denied`](crate::store::StoreErrorKind::Denied): the password is wrong, or the user may not create
    /// what is missing. [`Incompatible`](crate::store::StoreErrorKind::Incompatible): the schema holds other tables,
    /// or those of a newer version. [`ReadOnly`](crate::store::StoreErrorKind::ReadOnly): the tables are missing on a
    /// server that takes no writes.
    pub async fn connect(self, address: PostgresAddress) -> Result<PostgresStore, StoreError> {
        let database = Database::open(&address, self.0).await?;
        Ok(PostgresStore(Arc::new(Inner::new(database))))
    }
}
