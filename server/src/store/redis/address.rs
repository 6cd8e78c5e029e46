//! Where a Redis is, and how to get in.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

/// A server and a database: `redis://[USER][:PASSWORD@]HOST[:PORT][/DATABASE]`, also `valkey://`.
///
/// ```
/// use twinjar_server::store::RedisAddress;
///
/// let address: RedisAddress = "redis://:hunter2@127.0.0.1/2".parse()?;
/// assert_eq!(address.to_string(), "redis://127.0.0.1:6379/2");
/// # Ok::<(), twinjar_server::store::InvalidRedisAddress>(())
/// ```
#[derive(Clone)]
pub struct RedisAddress(ConnectionInfo);

impl RedisAddress {
    pub(super) fn info(&self) -> ConnectionInfo {
        self.0.clone()
    }
}

impl FromStr for RedisAddress {
    type Err = InvalidRedisAddress;

    fn from_str(url: &str) -> Result<Self, InvalidRedisAddress> {
        let info = url.into_connection_info().map_err(|_| InvalidRedisAddress)?;
        match info.addr() {
            ConnectionAddr::Tcp(..) => Ok(Self(info)),
            _ => Err(InvalidRedisAddress),
        }
    }
}

impl PartialEq for RedisAddress {
    fn eq(&self, other: &Self) -> bool {
        let parts = |address: &Self| {
            let settings = address.0.redis_settings();
            let (user, password) = (settings.username(), settings.password());
            (address.to_string(), user.map(str::to_owned), password.map(str::to_owned))
        };
        parts(self) == parts(other)
    }
}

impl Eq for RedisAddress {}

impl fmt::Display for RedisAddress {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis://{}/{}", self.0.addr(), self.0.redis_settings().db())
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

/// The text is no address of a Redis server. It may hold a password, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRedisAddress;

impl fmt::Display for InvalidRedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no address of a Redis server; write redis://USER:PASSWORD@HOST:PORT/DATABASE")
    }
}

impl std::error::Error for InvalidRedisAddress {}
