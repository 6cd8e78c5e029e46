//! What can be set on the store.

use std::sync::Arc;
use std::time::Duration;

use super::{ConnectRedis, Inner};
use crate::store::redis::{Connection, Keys, Kind, LeasedLocks, Manner};
use crate::store::{RedisAddress, StoreError, StoreErrorKind};

/// Sets up a [`ConnectRedis`]; see [`ConnectRedis::builder`] for the defaults.
#[derive(Clone, Debug)]
#[must_use = "call connect to get the store"]
pub struct ConnectRedisBuilder {
    prefix: String,
    ttl: Duration,
    expires: bool,
    touches: bool,
    timeout: Duration,
}

impl ConnectRedisBuilder {
    pub(super) fn new() -> Self {
        Self {
            prefix: "sess:".to_owned(),
            ttl: Duration::from_secs(86_400),
            expires: true,
            touches: true,
            timeout: Duration::from_secs(2),
        }
    }

    /// What the names of the sessions' keys begin with: the option `prefix`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a session lives whose cookie has no end, in whole seconds: the option `ttl`.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Lets Redis keep sessions for ever: the option `disableTTL`.
    pub fn disable_ttl(mut self) -> Self {
        self.expires = false;
        self
    }

    /// Leaves a session's end as it is where the session is only read: the option `disableTouch`.
    pub fn disable_touch(mut self) -> Self {
        self.touches = false;
        self
    }

    /// How long an operation waits for Redis until it fails as
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects to a server, or the master that Sentinels name.
    ///
    /// # Errors
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server does not answer.
    /// [`Denied`](crate::store::StoreErrorKind::Denied): the password is wrong.
    /// [`Incompatible`](crate::store::StoreErrorKind::Incompatible): the address is a cluster's, where the ids of one
    /// session may be on different nodes.
    pub async fn connect(self, address: RedisAddress) -> Result<ConnectRedis, StoreError> {
        if address.kind == Kind::Cluster {
            return Err(StoreError::with_source(StoreErrorKind::Incompatible, "it is a cluster"));
        }
        let manner = Manner { timeout: self.timeout, root_certificate: None };
        // The prefix of the locks alone, which are none of Express'.
        let keys = Keys::new("twinjar:express:".into(), false);
        let connection = Connection::open(&address, &manner, keys).await?;
        Ok(ConnectRedis(Arc::new(Inner {
            connection: Arc::new(connection),
            locks: LeasedLocks::default(),
            prefix: self.prefix,
            ttl: self.ttl,
            expires: self.expires,
            touches: self.touches,
        })))
    }
}
