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
pub struct PostgresStoreBuilder {
    settings: Settings,
    hears_news: bool,
}

impl PostgresStoreBuilder {
    pub(super) fn new() -> Self {
        let settings = Settings {
            schema: "twinjar".into(),
            timeout: Duration::from_secs(5),
            connections: const { NonZeroUsize::MIN.saturating_add(15) },
        };
        Self { settings, hears_news: false }
    }

    /// The schema that holds the tables: stores with different ones share a database.
    pub fn schema(mut self, name: impl Into<Arc<str>>) -> Self {
        self.settings.schema = name.into();
        self
    }

    /// How long an operation waits for PostgreSQL, and for a connection, until it fails as
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How many connections work at the same time; they are made as they are needed. One more holds
    /// [locks](crate::store::SessionStore::lock).
    pub fn connections(mut self, most: NonZeroUsize) -> Self {
        self.settings.connections = most;
        self
    }

    /// Whether PostgreSQL tells the store what others change, as a [`NearCache`](crate::store::NearCache) needs it, and
    /// event streams follow it at once. The first server that asks for it turns a trigger on, for which its user has
    /// to own the tables; from then on all servers' writes are told, also those of servers that do not listen.
    ///
    /// PostgreSQL commits transactions that tell something one after the other: a disk that takes a millisecond for
    /// each allows no more than a thousand writes in a second.
    /// `ALTER TABLE twinjar.sessions DISABLE TRIGGER tell_of_changes` turns it off, when no server listens any more.
    pub fn news(mut self, wanted: bool) -> Self {
        self.hears_news = wanted;
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
        let database = Database::open(&address, self.settings).await?;
        Ok(PostgresStore(Arc::new(Inner::new(database, self.hears_news))))
    }
}
