//! What can be set on a Redis store.

use std::sync::Arc;
use std::time::Duration;

use super::address::RedisAddress;
use super::connection::Connection;
use super::{Inner, RedisStore};
use crate::store::StoreError;

/// Sets up a [`RedisStore`]; see [`RedisStore::builder`] for the defaults.
#[derive(Clone, Debug)]
#[must_use = "call connect to get the store"]
pub struct RedisStoreBuilder {
    prefix: Arc<str>,
    timeout: Duration,
}

impl RedisStoreBuilder {
    pub(super) fn new() -> Self {
        Self { prefix: "twinjar:".into(), timeout: Duration::from_secs(2) }
    }

    /// What the names of all keys begin with: stores with different ones share a database of Redis'.
    pub fn prefix(mut self, prefix: impl Into<Arc<str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long an operation waits for Redis, and for the connection where it has to be made again, until it fails as
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects to a server.
    ///
    /// # Errors
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server does not answer.
    /// [`Denied`](crate::store::StoreErrorKind::Denied): the password is wrong.
    pub async fn connect(self, address: RedisAddress) -> Result<RedisStore, StoreError> {
        let connection = Connection::open(&address, self.prefix, self.timeout).await?;
        Ok(RedisStore(Arc::new(Inner::new(connection))))
    }
}
