//! Sessions in Redis or Valkey: each operation is one script, and so atomic for all servers that share it.

mod address;
mod builder;
mod channel;
mod connection;
mod error;
mod keys;
mod link;
mod locks;
mod record;
mod scripts;
mod sessions;
#[cfg(test)]
mod tests;
mod transfer;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "express")]
pub(crate) use self::address::Kind;
pub use self::address::{InvalidRedisAddress, RedisAddress};
pub use self::builder::RedisStoreBuilder;
#[cfg(feature = "express")]
pub(crate) use self::connection::Connection;
#[cfg(feature = "express")]
pub(crate) use self::keys::Keys;
#[cfg(feature = "express")]
pub(crate) use self::link::Manner;
#[cfg(feature = "express")]
pub(crate) use self::locks::LeasedLocks;
#[cfg(feature = "express")]
pub(crate) use self::scripts::Script;
use self::sessions::Inner;
use super::{
    Commit, Committed, Loaded, Located, News, Record, Rotation, SessionStore, StoreError, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// Keeps sessions in Redis (6.2 or later) or Valkey: a single server, one that Sentinels look after, or a cluster.
///
/// Clones share the connection. Redis removes a record at its deadline, so its clock has to be right. What an
/// acknowledged write survives is Redis' to say: with `appendfsync always` the end of the server and a power cut, with
/// `everysec`, its default for the append-only file, all but the last second. Its `maxmemory-policy` has to be
/// `noeviction`: an evicted session is a user logged out.
///
/// [`lock`](SessionStore::lock) is a lease that its holder renews: where a server dies, it runs out after ten seconds,
/// and where a server stands still for longer than that, another may hold the lock beside it.
///
/// A session is read in one round trip. In front of the store, a [`NearCache`](super::NearCache) answers for sessions
/// that have not changed with none: Redis tells each server what others change, on a connection of its own, which is
/// opened when something asks for it, be it a cache or the event stream of the session API. User and password need
/// the permission for `CLIENT TRACKING`; where Redis does not tell, all is read from Redis, and event streams follow
/// others' changes by their heartbeat.
///
/// In a cluster, sessions are in 256 groups, each in one slot. A rotation keeps to its group; listing or ending the
/// sessions of a user asks all groups, and is atomic in each.
///
/// ```no_run
/// use twinjar_server::store::{NearCache, NearCacheLimits, RedisStore};
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://127.0.0.1:6379/".parse()?).await?;
/// // Or, with something set:
/// let store = RedisStore::builder().prefix("shop:").connect("redis://127.0.0.1:6379/".parse()?).await?;
/// // With a near cache:
/// let store = NearCache::new(store, NearCacheLimits::default());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

impl RedisStore {
    /// Connects with the defaults of [`RedisStore::builder`].
    ///
    /// # Errors
    /// Those of [`RedisStoreBuilder::connect`].
    pub async fn connect(address: RedisAddress) -> Result<Self, StoreError> {
        Self::builder().connect(address).await
    }

    /// Sets up a store.
    ///
    /// # Defaults
    /// - the names of all keys begin with `twinjar:`
    /// - an answer is waited for 2 seconds at most
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::new()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisStore")
    }
}

impl SessionStore for RedisStore {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::new(self.0.create(key, record, now))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::new(self.0.load(key, now))
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(self.0.change(key, None, commit, now))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(self.0.touch(key, touch, now))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        if !self.can_rotate(key, &rotation.to) {
            return StoreFuture::ready(Ok(Committed::Conflict));
        }
        StoreFuture::new(self.0.change(key, Some(rotation), commit, now))
    }

    fn can_rotate(&self, from: &StoreKey, to: &StoreKey) -> bool {
        let keys = &self.0.connection.keys;
        keys.group_of(from) == keys.group_of(to)
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        StoreFuture::new(self.0.confirm(key, retire_at))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(self.0.delete(key, now))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        StoreFuture::new(self.0.list(user, now))
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(self.0.delete_all_of(user, except, now))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        let Inner { locks, connection, .. } = &*self.0;
        StoreFuture::new(async move { Ok(StoreLock::new(locks.acquire(connection, key).await?)) })
    }

    fn sweep(&self, _: UnixMillis) -> StoreFuture<'_, u64> {
        // Redis does it.
        StoreFuture::ready(Ok(0))
    }

    fn news(&self) -> Option<&News> {
        Some(self.0.news())
    }

    fn locate<'a>(&'a self, key: &'a StoreKey, handle: Handle, now: UnixMillis) -> StoreFuture<'a, Located> {
        StoreFuture::new(self.0.locate(key, handle, now))
    }

    fn recall(&self, key: &StoreKey) -> Option<Arc<Record>> {
        self.0.recall(key)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::new(async move {
            let _: String = self.0.connection.query(&redis::cmd("PING")).await?;
            Ok(())
        })
    }
}
