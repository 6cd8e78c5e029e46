//! What can be set on a Redis store.

use std::sync::Arc;
use std::time::Duration;

use super::address::{Kind, RedisAddress};
use super::connection::Connection;
use super::keys::Keys;
use super::link::Manner;
use super::{Inner, RedisStore};
use crate::store::StoreError;

/// Sets up a [`RedisStore`]; see [`RedisStore::builder`] for the defaults.
#[derive(Clone)]
#[must_use = "call connect to get the store"]
pub struct RedisStoreBuilder {
    prefix: Arc<str>,
    manner: Manner,
}

impl RedisStoreBuilder {
    pub(super) fn new() -> Self {
        let manner = Manner { timeout: Duration::from_secs(2), root_certificate: None };
        Self { prefix: "twinjar:".into(), manner }
    }

    /// What the names of all keys begin with: stores with different ones share a database of Redis'. For a cluster,
    /// without braces.
    pub fn prefix(mut self, prefix: impl Into<Arc<str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long an operation waits for Redis, and for the connection where it has to be made again, until it fails as
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.manner.timeout = timeout;
        self
    }

    /// The certificate, in PEM, that servers' certificates have to be signed with, instead of those that the system
    /// trusts. For encrypted connections.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.manner.root_certificate = Some(pem.into());
        self
    }

    /// Connects to a server, a cluster, or the master that Sentinels name.
    ///
    /// # Errors
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server does not answer, or cannot be trusted.
    /// [`Denied`](crate::store::StoreErrorKind::Denied): the password is wrong.
    pub async fn connect(self, address: RedisAddress) -> Result<RedisStore, StoreError> {
        let Self { prefix, manner } = self;
        let keys = Keys::new(prefix, address.kind == Kind::Cluster);
        let connection = Connection::open(&address, &manner, keys).await?;
        Ok(RedisStore(Arc::new(Inner::new(connection, address, manner))))
    }
}

impl std::fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("RedisStoreBuilder");
        debug.field("prefix", &self.prefix).field("timeout", &self.manner.timeout).finish_non_exhaustive()
    }
}
