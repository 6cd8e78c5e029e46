//! Sessions as connect-redis keeps them: one string a session, under the prefix and the plain id.

mod builder;

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Value;

pub use self::builder::ConnectRedisBuilder;
use super::ExpressId;
use super::store::{ExpressStore, Life, Replaced};
use crate::store::redis::{Connection, LeasedLocks, Script};
use crate::store::{RedisAddress, StoreError, StoreErrorKind, StoreFuture, StoreLock};
use crate::{StoreKey, UnixMillis};

static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/load.lua")));
static REPLACE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/replace.lua")));
static RENAME: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/rename.lua")));

/// The Redis (or Valkey) in which connect-redis keeps sessions: a single server, with or without replicas.
///
/// A commit replaces the record only where it still is the one that it was made from, in one script, so that requests
/// of twinjar servers lose nothing of each other's and bring nothing back. connect-redis itself overwrites.
///
/// Clones share the connection.
#[derive(Clone)]
pub struct ConnectRedis(Arc<Inner>);

struct Inner {
    connection: Arc<Connection>,
    locks: LeasedLocks,
    prefix: String,
    ttl: Duration,
    expires: bool,
    touches: bool,
}

impl ConnectRedis {
    /// Connects with the defaults of [`ConnectRedis::builder`].
    ///
    /// # Errors
    /// Those of [`ConnectRedisBuilder::connect`].
    pub async fn connect(address: RedisAddress) -> Result<Self, StoreError> {
        Self::builder().connect(address).await
    }

    /// Sets up a store.
    ///
    /// # Defaults
    /// Those of connect-redis: the prefix `sess:`, and a day for sessions whose cookie has no end. An operation waits 2
    /// seconds at most.
    pub fn builder() -> ConnectRedisBuilder {
        ConnectRedisBuilder::new()
    }
}

impl fmt::Debug for ConnectRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectRedis")
    }
}

impl ExpressStore for ConnectRedis {
    fn get<'a>(&'a self, id: &'a ExpressId, _: UnixMillis) -> StoreFuture<'a, Option<String>> {
        StoreFuture::new(async move {
            let mut command = redis::cmd("GET");
            command.arg(self.0.key(id));
            let bytes: Option<Vec<u8>> = self.0.connection.query(&command).await?;
            bytes.filter(|bytes| !bytes.is_empty()).map(text).transpose()
        })
    }

    fn get_with_life<'a>(
        &'a self,
        id: &'a ExpressId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Option<(String, Option<Duration>)>> {
        if !self.0.postpones() {
            return StoreFuture::new(async move {
                Ok(self.get(id, now).await?.map(|text| (text, Some(Duration::MAX))))
            });
        }
        StoreFuture::new(async move {
            let key = self.0.key(id);
            let found: Option<(Vec<u8>, i64)> = self.0.connection.run(&LOAD, key.as_bytes(), &[]).await?;
            let found = found.filter(|(bytes, _)| !bytes.is_empty());
            // A negative one stands for no end.
            let life = |left: i64| u64::try_from(left).ok().map(Duration::from_millis);
            found.map(|(bytes, left)| Ok((text(bytes)?, life(left)))).transpose()
        })
    }

    fn create<'a>(&'a self, id: &'a ExpressId, record: &'a str, life: Life) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let mut command = redis::cmd("SET");
            command.arg(self.0.key(id)).arg(record).arg("NX");
            match self.0.seconds(life) {
                Some(..=0) => return Ok(true),
                Some(seconds) => {
                    command.arg("EX").arg(seconds);
                }
                None => {}
            }
            let created: Option<String> = self.0.connection.query(&command).await?;
            Ok(created.is_some())
        })
    }

    fn replace<'a>(
        &'a self,
        id: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        StoreFuture::new(async move {
            let (key, seconds) = (self.0.key(id), self.0.seconds_text(life));
            let arguments = [expected.as_bytes(), record.as_bytes(), seconds.as_bytes()];
            replaced(self.0.connection.run(&REPLACE, key.as_bytes(), &arguments).await?)
        })
    }

    fn rename<'a>(
        &'a self,
        id: &'a ExpressId,
        to: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        StoreFuture::new(async move {
            let (key, to, seconds) = (self.0.key(id), self.0.key(to), self.0.seconds_text(life));
            let arguments = [expected.as_bytes(), record.as_bytes(), seconds.as_bytes()];
            replaced(self.0.connection.run_on(&RENAME, &[key.as_bytes(), to.as_bytes()], &arguments).await?)
        })
    }

    fn touch<'a>(&'a self, id: &'a ExpressId, life: Life) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let seconds = self.0.seconds(life).filter(|_| self.0.touches);
            let mut command = redis::cmd(if seconds.is_some() { "EXPIRE" } else { "EXISTS" });
            command.arg(self.0.key(id)).arg(seconds);
            let there: i64 = self.0.connection.query(&command).await?;
            Ok(there > 0)
        })
    }

    fn delete<'a>(&'a self, id: &'a ExpressId) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let mut command = redis::cmd("DEL");
            command.arg(self.0.key(id));
            let deleted: i64 = self.0.connection.query(&command).await?;
            Ok(deleted > 0)
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        StoreFuture::new(
            async move { Ok(StoreLock::new(self.0.locks.acquire(&self.0.connection, key).await?)) },
        )
    }

    fn default_life(&self) -> Duration {
        self.0.ttl
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::new(async move {
            let _: String = self.0.connection.query(&redis::cmd("PING")).await?;
            Ok(())
        })
    }
}

impl Inner {
    fn key(&self, id: &ExpressId) -> String {
        [&self.prefix, id.as_str()].concat()
    }

    /// As connect-redis reckons: to the end of the cookie, in whole seconds, rounded up. `None`: for ever.
    fn seconds(&self, life: Life) -> Option<i64> {
        let default = self.default_seconds()?;
        let Some(end) = life.expires_at else { return Some(default) };
        Some(i64::try_from(end.since(life.now).as_millis().div_ceil(1000)).unwrap_or(i64::MAX))
    }

    /// Whether a visit postpones the end.
    const fn postpones(&self) -> bool {
        self.touches && self.expires
    }

    fn default_seconds(&self) -> Option<i64> {
        self.expires.then(|| i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX))
    }

    fn seconds_text(&self, life: Life) -> String {
        self.seconds(life).map_or_else(String::new, |seconds| seconds.to_string())
    }
}

fn replaced(answer: Value) -> Result<Replaced, StoreError> {
    match answer {
        Value::Nil => Ok(Replaced::Gone),
        Value::Int(0) => Ok(Replaced::Taken),
        Value::Int(_) => Ok(Replaced::Done),
        Value::BulkString(bytes) => Ok(Replaced::Other(text(bytes)?)),
        _ => Err(StoreError::new(StoreErrorKind::Corrupt)),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|_| StoreError::new(StoreErrorKind::Corrupt))
}
