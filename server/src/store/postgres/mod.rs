//! Sessions in PostgreSQL: each change is one statement, and so atomic for all servers that share the database.

mod address;
mod builder;
mod change;
mod channel;
mod connection;
mod error;
mod locks;
mod migrations;
mod row;
mod statements;
#[cfg(test)]
mod tests;
mod tls;
mod transfer;

use std::fmt;
use std::sync::Arc;

use tokio_postgres::Row;

pub use self::address::{InvalidPostgresAddress, PostgresAddress};
pub use self::builder::PostgresStoreBuilder;
pub(crate) use self::connection::{Database, Values};
#[cfg(feature = "express")]
pub(crate) use self::connection::{Settings, quoted};
#[cfg(feature = "express")]
pub(crate) use self::error::store_error;
pub(crate) use self::locks::AdvisoryLocks;
use self::row::{Columns, RECORD_COLUMNS, get, read_key, read_record};
use super::channel::Followed;
use super::integers::millis;
use super::recent::Recent;
use super::{
    Alias, Commit, Committed, Loaded, News, Record, Rotation, SessionStore, StoreError, StoreErrorKind,
    StoreFuture, StoreLock, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// One call to `sweep`: a bounded share, and more than sessions end in a second.
const SWEEPS_AT_ONCE: u64 = 20;
/// Rows that one statement sweeps: it has to end soon, for others may wait for it.
const SWEPT_AT_ONCE: i64 = 500;

/// Keeps sessions in PostgreSQL (tested with version 15): one server, or one with standbys behind it.
///
/// Clones share the connections. What an acknowledged write survives is PostgreSQL's to say: with
/// `synchronous_commit = on`, its default, the end of the server and a power cut.
///
/// [`lock`](SessionStore::lock) is an advisory lock: it ends with the server that holds it, and also when that server's
/// connection breaks. It belongs to a connection, as do prepared statements: a pooler in front of PostgreSQL has to
/// give each client a connection of its own ("session" mode).
///
/// ```no_run
/// use twinjar_server::store::PostgresStore;
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgres://shop@127.0.0.1/shop".parse()?).await?;
/// // Or, with something set:
/// let address = "postgres://shop:secret@db.example/shop?sslmode=require".parse()?;
/// let store = PostgresStore::builder().schema("sessions").connect(address).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(Arc<Inner>);

struct Inner {
    database: Database,
    recent: Recent,
    locks: AdvisoryLocks,
    /// `None` where nobody wants to hear any.
    news: Option<Followed>,
}

impl PostgresStore {
    /// Connects with the defaults of [`PostgresStore::builder`].
    ///
    /// # Errors
    /// Those of [`PostgresStoreBuilder::connect`].
    pub async fn connect(address: PostgresAddress) -> Result<Self, StoreError> {
        Self::builder().connect(address).await
    }

    /// Sets up a store.
    ///
    /// # Defaults
    /// - the tables are in the schema `twinjar`
    /// - an answer is waited for 5 seconds at most
    /// - 16 connections at most
    pub fn builder() -> PostgresStoreBuilder {
        PostgresStoreBuilder::new()
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}

impl SessionStore for PostgresStore {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let columns = Columns::of(&record);
            let Columns { data, revision, deadline, seen_at, handle, .. } = &columns;
            let [created_at, absolute_deadline, idle_timeout, persistent, user, authenticated_at] =
                columns.meta();
            let values: Values<'_> = &[
                &&key.as_bytes()[..],
                &millis(now),
                data,
                revision,
                deadline,
                seen_at,
                created_at,
                absolute_deadline,
                idle_timeout,
                persistent,
                handle,
                user,
                authenticated_at,
            ];
            let created = self.0.answer(statements::CREATE, values).await?;
            if created {
                self.0.recent.put_known(key, &record, true);
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
            let (deadline, seen_at) = (millis(touch.deadline), millis(touch.seen_at));
            let values: Values<'_> = &[&&key.as_bytes()[..], &millis(now), &deadline, &seen_at];
            Ok(self.0.database.query_one(statements::TOUCH, values).await?.is_some())
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
            let values: Values<'_> = &[&&key.as_bytes()[..], &millis(retire_at)];
            self.0.database.query(statements::CONFIRM, values).await.map(drop)
        })
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let values: Values<'_> = &[&&key.as_bytes()[..], &millis(now)];
            match self.0.database.query_one(statements::DELETE, values).await? {
                Some(was_live) => get(&was_live, 0),
                None => Ok(false),
            }
        })
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        StoreFuture::new(async move {
            let values: Values<'_> = &[&user.as_str().as_bytes(), &millis(now)];
            let rows = self.0.database.query(statements::LIST, values).await?;
            rows.iter().map(|row| Ok((read_key(row, 0)?, Arc::new(read_record(row, 1)?)))).collect()
        })
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let except = except.map(|key| &key.as_bytes()[..]);
            let values: Values<'_> = &[&user.as_str().as_bytes(), &except, &millis(now)];
            self.0.count(statements::DELETE_ALL, values).await
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        StoreFuture::new(
            async move { Ok(StoreLock::new(self.0.locks.acquire(&self.0.database, key).await?)) },
        )
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.sweep_and_tell(now, &|_| {})
    }

    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let mut swept = 0;
            for _ in 0..SWEEPS_AT_ONCE {
                let values: Values<'_> = &[&millis(now), &SWEPT_AT_ONCE];
                let share = self.0.database.query(statements::SWEEP, values).await?;
                swept += share.len() as u64;
                // A damaged record has ended like any other.
                let handles = share.iter().filter_map(|row| get::<&str>(row, 0).ok()?.parse().ok());
                handles.for_each(ended);
                if share.len() < SWEPT_AT_ONCE as usize {
                    break;
                }
            }
            Ok(swept)
        })
    }

    fn news(&self) -> Option<&News> {
        self.0.news()
    }

    fn recall(&self, key: &StoreKey) -> Option<Arc<Record>> {
        self.0.recent.get_confirmed(key)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::new(async move {
            let is_read_only: bool = self.0.answer(statements::PING, &[]).await?;
            if is_read_only { Err(StoreError::new(StoreErrorKind::ReadOnly)) } else { Ok(()) }
        })
    }
}

impl Inner {
    fn new(database: Database, hears_news: bool) -> Self {
        let news = hears_news.then(Followed::default);
        Self { database, recent: Recent::new(), locks: AdvisoryLocks::default(), news }
    }

    /// The channel is opened when somebody asks for the first time.
    fn news(&self) -> Option<&News> {
        Some(self.news.as_ref()?.get(|| self.database.opener()))
    }

    /// The aliases are asked second: whoever moves the key there meanwhile has taken it from the sessions by then.
    async fn load(&self, key: &StoreKey, now: UnixMillis) -> Result<Option<Loaded>, StoreError> {
        let values: Values<'_> = &[&&key.as_bytes()[..], &millis(now)];
        if let Some(row) = self.database.query_one(statements::LOAD, values).await? {
            let (record, is_confirmed) = self.read(key, &row)?;
            return Ok(Some(Loaded::Live { record, unconfirmed: !is_confirmed }));
        }
        let Some(row) = self.database.query_one(statements::FOLLOW, values).await? else { return Ok(None) };
        let successor = read_key(&row, 1 + RECORD_COLUMNS)?;
        if get::<Option<i64>>(&row, 3 + RECORD_COLUMNS)?.is_some_and(|retire_at| retire_at <= millis(now)) {
            return Ok(Some(Loaded::Retired { successor }));
        }
        let (record, _) = self.read(&successor, &row)?;
        let nonce: Option<&[u8]> = get(&row, 2 + RECORD_COLUMNS)?;
        let nonce = nonce.map(|nonce| nonce.try_into().map_err(error::corrupt)).transpose()?;
        Ok(Some(Loaded::Alias(Alias { successor, record, nonce })))
    }

    /// The record in a row that begins with whether its key has been seen.
    fn read(&self, key: &StoreKey, row: &Row) -> Result<(Arc<Record>, bool), StoreError> {
        let (record, is_confirmed) = (Arc::new(read_record(row, 1)?), get(row, 0)?);
        self.recent.put_known(key, &record, is_confirmed);
        Ok((record, is_confirmed))
    }

    /// The one value of a statement that always has one.
    async fn answer<T>(&self, statement: &str, values: Values<'_>) -> Result<T, StoreError>
    where
        T: for<'r> tokio_postgres::types::FromSql<'r>,
    {
        match self.database.query_one(statement, values).await? {
            Some(row) => get(&row, 0),
            None => Err(StoreError::new(StoreErrorKind::Corrupt)),
        }
    }

    async fn count(&self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        Ok(self.answer::<i64>(statement, values).await?.unsigned_abs())
    }
}
