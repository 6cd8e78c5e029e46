//! Sessions as connect-pg-simple keeps them: a row a session, under the plain id.

mod builder;
mod statements;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::error::SqlState;

pub use self::builder::ConnectPgSimpleBuilder;
use self::statements::Statements;
use super::ExpressId;
use super::store::{ExpressStore, Life, Replaced};
use crate::store::postgres::{AdvisoryLocks, Database, store_error};
use crate::store::{PostgresAddress, StoreError, StoreErrorKind, StoreFuture, StoreLock};
use crate::time::{Clock, SystemClock};
use crate::{StoreKey, UnixMillis};

/// The table in which connect-pg-simple keeps sessions.
///
/// A commit replaces the record only where it still is the one that it was made from, in one statement, so that
/// requests of twinjar servers lose nothing of each other's and bring nothing back. connect-pg-simple itself
/// overwrites.
///
/// Clones share the connections.
///
/// ```no_run
/// use twinjar_server::express::ConnectPgSimple;
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// let store = ConnectPgSimple::connect("postgres://shop@127.0.0.1/shop".parse()?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ConnectPgSimple(Arc<Inner>);

struct Inner {
    database: Database,
    locks: AdvisoryLocks,
    statements: Statements,
    ttl: Duration,
    touches: bool,
}

impl ConnectPgSimple {
    /// Connects with the defaults of [`ConnectPgSimple::builder`].
    ///
    /// # Errors
    /// Those of [`ConnectPgSimpleBuilder::connect`].
    pub async fn connect(address: PostgresAddress) -> Result<Self, StoreError> {
        Self::builder().connect(address).await
    }

    /// Sets up a store.
    ///
    /// # Defaults
    /// Those of connect-pg-simple: the table `session`, which has to be there; a day for sessions whose cookie has no
    /// end; expired sessions are pruned about every 15 minutes. An operation waits 5 seconds at most, and there are 16
    /// connections at most.
    pub fn builder() -> ConnectPgSimpleBuilder {
        ConnectPgSimpleBuilder::new()
    }

    /// Removes sessions whose time is over; answers how many.
    ///
    /// # Errors
    /// Those of a store.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        let now = whole_seconds(SystemClock.now());
        let gone = self.0.database.query(&self.0.statements.prune, &[&now]).await?;
        Ok(gone.len() as u64)
    }
}

impl fmt::Debug for ConnectPgSimple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectPgSimple")
    }
}

impl ExpressStore for ConnectPgSimple {
    fn get<'a>(&'a self, id: &'a ExpressId, now: UnixMillis) -> StoreFuture<'a, Option<String>> {
        StoreFuture::new(self.0.get(id, now))
    }

    fn create<'a>(&'a self, id: &'a ExpressId, record: &'a str, life: Life) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            let expire = self.0.expire(life);
            let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&id.as_str(), &record, &expire];
            Ok(self.0.database.query_one(&self.0.statements.create, &values).await?.is_some())
        })
    }

    fn replace<'a>(
        &'a self,
        id: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        StoreFuture::new(self.0.change(&self.0.statements.replace, id, id, expected, record, life))
    }

    fn rename<'a>(
        &'a self,
        id: &'a ExpressId,
        to: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        StoreFuture::new(self.0.change(&self.0.statements.replace, id, to, expected, record, life))
    }

    fn touch<'a>(&'a self, id: &'a ExpressId, life: Life) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            if !self.0.touches {
                return Ok(self.0.get(id, life.now).await?.is_some());
            }
            let (now, expire) = (whole_seconds(life.now), self.0.expire(life));
            let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&id.as_str(), &expire, &now];
            Ok(self.0.database.query_one(&self.0.statements.touch, &values).await?.is_some())
        })
    }

    fn delete<'a>(&'a self, id: &'a ExpressId) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            Ok(self.0.database.query_one(&self.0.statements.delete, &[&id.as_str()]).await?.is_some())
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        StoreFuture::new(
            async move { Ok(StoreLock::new(self.0.locks.acquire(&self.0.database, key).await?)) },
        )
    }

    fn default_life(&self) -> Duration {
        self.0.ttl
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::new(async move { self.0.database.query(&self.0.statements.ping, &[]).await.map(drop) })
    }
}

impl Inner {
    async fn get(&self, id: &ExpressId, now: UnixMillis) -> Result<Option<String>, StoreError> {
        let found =
            self.database.query_one(&self.statements.get, &[&id.as_str(), &whole_seconds(now)]).await?;
        found.map(|row| row.try_get(0).map_err(store_error)).transpose()
    }

    /// The record that is expected makes room for another one, under the same id or another.
    async fn change(
        &self,
        statement: &str,
        id: &ExpressId,
        to: &ExpressId,
        expected: &str,
        record: &str,
        life: Life,
    ) -> Result<Replaced, StoreError> {
        let (now, expire) = (whole_seconds(life.now), self.expire(life));
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&id.as_str(), &expected, &now, &to.as_str(), &record, &expire];
        match self.database.ask(statement, &values).await? {
            Ok(rows) if rows.is_empty() => {
                Ok(self.get(id, life.now).await?.map_or(Replaced::Gone, Replaced::Other))
            }
            Ok(_) => Ok(Replaced::Done),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Ok(Replaced::Taken),
            Err(error) => Err(store_error(error)),
        }
    }

    /// As connect-pg-simple reckons: the end of the cookie, in whole seconds, rounded up.
    fn expire(&self, life: Life) -> f64 {
        whole_seconds(life.expires_at.unwrap_or(life.now + self.ttl))
    }
}

/// In the clock of the table: seconds since the Unix epoch, rounded up.
fn whole_seconds(moment: UnixMillis) -> f64 {
    moment.as_millis().div_ceil(1000) as f64
}

/// What the table is not: another one, or none at all.
fn check_table(found: bool) -> Result<(), StoreError> {
    if found { Ok(()) } else { Err(StoreError::new(StoreErrorKind::Incompatible)) }
}
