//! Sessions in Redis or Valkey: each operation is one script, and so atomic for all servers that share it.

mod address;
mod builder;
mod connection;
mod error;
mod locks;
mod record;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use redis::Value;

pub use self::address::{InvalidRedisAddress, RedisAddress};
pub use self::builder::RedisStoreBuilder;
pub(crate) use self::connection::Connection;
use self::error::corrupt;
pub(crate) use self::locks::LeasedLocks;
use self::record::{decode, encode, from_millis, millis};
use super::recent::Recent;
use super::{
    Alias, Commit, Committed, Loaded, MAX_ALIASES, Record, Rotation, SessionStore, StoreError, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{StoreKey, UnixMillis};

/// Keeps sessions in Redis (6.2 or later) or Valkey: a single server, with or without replicas.
///
/// Clones share the connection. Redis removes a record at its deadline, so its clock has to be right. What an
/// acknowledged write survives is Redis' to say: with `appendfsync always` the end of the server and a power cut, with
/// `everysec`, its default for the append-only file, all but the last second. Its `maxmemory-policy` has to be
/// `noeviction`: an evicted session is a user logged out.
///
/// [`lock`](SessionStore::lock) is a lease that its holder renews: where a server dies, it runs out after ten seconds,
/// and where a server stands still for longer than that, another may hold the lock beside it.
///
/// ```no_run
/// use twinjar_server::store::RedisStore;
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://127.0.0.1:6379/".parse()?).await?;
/// // Or, with something set:
/// let store = RedisStore::builder().prefix("shop:").connect("redis://127.0.0.1:6379/".parse()?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    connection: Connection,
    recent: Recent,
    locks: LeasedLocks,
}

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
    /// - an operation waits 2 seconds at most
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
    fn create<'a>(&'a self, key: &'a StoreKey, record: Record, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let created: bool =
                self.0.run(&connection::CREATE, key, now, &[key.as_bytes(), &encode(&record)]).await?;
            if created {
                self.0.recent.put(key, &Arc::new(record));
            }
            Ok(created)
        })
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
        StoreFuture::new(async move {
            let (deadline, seen_at) = (text(touch.deadline), text(touch.seen_at));
            let arguments: [&[u8]; 3] = [key.as_bytes(), deadline.as_bytes(), seen_at.as_bytes()];
            self.0.run(&connection::TOUCH, key, now, &arguments).await
        })
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(self.0.change(key, Some(rotation), commit, now))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        StoreFuture::new(async move {
            let retire_at = text(retire_at);
            let arguments: [&[u8]; 2] = [key.as_bytes(), retire_at.as_bytes()];
            self.0.run(&connection::CONFIRM, key, UnixMillis::default(), &arguments).await
        })
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move { self.0.run(&connection::DELETE, key, now, &[key.as_bytes()]).await })
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        StoreFuture::new(async move {
            let arguments: [&[u8]; 1] = [user.as_str().as_bytes()];
            let found: Vec<(Vec<u8>, Vec<u8>)> =
                self.0.run_for_user(&connection::LIST, user, now, &arguments).await?;
            found.iter().map(|(key, record)| Ok((read_key(key)?, Arc::new(decode(record)?.0)))).collect()
        })
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let except = except.map_or(&[][..], |key| key.as_bytes());
            let arguments: [&[u8]; 2] = [user.as_str().as_bytes(), except];
            self.0.run_for_user(&connection::DELETE_ALL, user, now, &arguments).await
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        StoreFuture::new(
            async move { Ok(StoreLock::new(self.0.locks.acquire(&self.0.connection, key).await?)) },
        )
    }

    fn sweep(&self, _: UnixMillis) -> StoreFuture<'_, u64> {
        // Redis does it.
        StoreFuture::ready(Ok(0))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::new(async move {
            let _: String = self.0.connection.query(&redis::cmd("PING")).await?;
            Ok(())
        })
    }
}

impl Inner {
    fn new(connection: Connection) -> Self {
        Self { connection, recent: Recent::new(), locks: LeasedLocks::default() }
    }

    async fn load(&self, key: &StoreKey, now: UnixMillis) -> Result<Option<Loaded>, StoreError> {
        let mut get = redis::cmd("GET");
        get.arg(self.connection.key("s", key.as_bytes()));
        let value: Option<Vec<u8>> = self.connection.query(&get).await?;
        match value.as_deref() {
            None => Ok(None),
            Some([b'A', ..]) => self.follow(key, now).await,
            Some(bytes) => {
                let (record, unconfirmed) = decode(bytes)?;
                if !record.is_live(now) {
                    return Ok(None);
                }
                let record = Arc::new(record);
                self.recent.put(key, &record);
                Ok(Some(Loaded::Live { record, unconfirmed }))
            }
        }
    }

    async fn follow(&self, alias: &StoreKey, now: UnixMillis) -> Result<Option<Loaded>, StoreError> {
        type Lead = (Vec<u8>, Vec<u8>, u64, Vec<u8>);
        let lead: Option<Lead> = self.run(&connection::FOLLOW, alias, now, &[alias.as_bytes()]).await?;
        let Some((successor, record, retire_at, nonce)) = lead else { return Ok(None) };
        let successor = read_key(&successor)?;
        if from_millis(retire_at) <= now {
            return Ok(Some(Loaded::Retired { successor }));
        }
        let record = Arc::new(decode(&record)?.0);
        self.recent.put(&successor, &record);
        Ok(Some(Loaded::Alias(Alias { successor, record, nonce: nonce.try_into().ok() })))
    }

    /// A commit, with or without a rotation: made here from the record as it was seen last, and stored if it is still
    /// that; else made again from the record that is there.
    async fn change(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let is_expected = |record: &Arc<Record>| commit.expected.is_none_or(|it| it == record.revision);
        let known = self.recent.get(key).filter(|record| record.is_live(now) && is_expected(record));
        let mut before = match known {
            Some(record) => record,
            None => match self.load(key, now).await? {
                Some(Loaded::Live { record, .. }) => record,
                Some(Loaded::Alias(_) | Loaded::Retired { .. }) | None => return Ok(Committed::Gone),
            },
        };
        loop {
            if !is_expected(&before) {
                return Ok(Committed::Conflict);
            }
            let mut after = before.after(commit);
            match self.store(key, rotation, &before, &after, commit.meta.is_some(), now).await? {
                Stored::Done { deadline, seen_at } => {
                    (after.deadline, after.seen_at) = (deadline, seen_at);
                    let after = Arc::new(after);
                    self.recent.put(rotation.as_ref().map_or(key, |rotation| &rotation.to), &after);
                    return Ok(Committed::Done(after));
                }
                Stored::Gone => return Ok(Committed::Gone),
                Stored::Taken => return Ok(Committed::Conflict),
                Stored::Other(record) => before = Arc::new(record),
            }
        }
    }

    async fn store(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        before: &Record,
        after: &Record,
        sets_life: bool,
        now: UnixMillis,
    ) -> Result<Stored, StoreError> {
        let (revision, record) = (before.revision.to_string(), encode(after));
        let mut arguments: Vec<&[u8]> = vec![
            key.as_bytes(),
            &record,
            revision.as_bytes(),
            before.meta.handle.as_str().as_bytes(),
            if sets_life { b"1" } else { b"0" },
        ];
        let most_aliases = MAX_ALIASES.to_string();
        let answer = match &rotation {
            None => self.run(&connection::COMMIT, key, now, &arguments).await?,
            Some(Rotation { to, alias }) => {
                let nonce = alias.as_ref().map_or(&[][..], |nonce| nonce);
                arguments.extend([to.as_bytes(), nonce, most_aliases.as_bytes()]);
                self.run(&connection::ROTATE, key, now, &arguments).await?
            }
        };
        match answer {
            Value::Nil => Ok(Stored::Gone),
            Value::Int(_) => Ok(Stored::Taken),
            Value::BulkString(bytes) => Ok(Stored::Other(decode(&bytes)?.0)),
            life => {
                let (deadline, seen_at) = redis::from_redis_value(life).map_err(|_| corrupt())?;
                Ok(Stored::Done { deadline: from_millis(deadline), seen_at: from_millis(seen_at) })
            }
        }
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &redis::Script,
        key: &StoreKey,
        now: UnixMillis,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        self.run_at(script, &self.connection.key("s", key.as_bytes()), now, arguments).await
    }

    async fn run_for_user<T: redis::FromRedisValue>(
        &self,
        script: &redis::Script,
        user: &UserId,
        now: UnixMillis,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        self.run_at(script, &self.connection.key("u", user.as_str().as_bytes()), now, arguments).await
    }

    async fn run_at<T: redis::FromRedisValue>(
        &self,
        script: &redis::Script,
        key: &[u8],
        now: UnixMillis,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let now = text(now);
        let common = [self.connection.prefix(), now.as_bytes()];
        self.connection.run(script, key, &[&common, arguments].concat()).await
    }
}

/// How a changed record was received.
enum Stored {
    /// It is stored, with these times.
    Done { deadline: UnixMillis, seen_at: UnixMillis },
    /// The session has ended.
    Gone,
    /// The new key is taken.
    Taken,
    /// Another record is there by now.
    Other(Record),
}

fn text(moment: UnixMillis) -> String {
    millis(moment).to_string()
}

fn read_key(bytes: &[u8]) -> Result<StoreKey, StoreError> {
    bytes.try_into().map(StoreKey::from_bytes).map_err(|_| corrupt())
}
