//! A session's lock, across all servers: an advisory lock of PostgreSQL's, which ends with the connection that holds it.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::connection::Database;
use super::error::store_error;
use crate::StoreKey;
use crate::store::StoreError;
use crate::store::locks::{Held, SessionLocks};

/// How often a lock that another server holds is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(2);
const LONGEST_WAIT: Duration = Duration::from_millis(32);

/// Within the process, waiters stand in line; only the first asks PostgreSQL. One connection holds all locks.
#[derive(Default)]
pub(crate) struct AdvisoryLocks {
    local: Arc<SessionLocks>,
    connection: Mutex<Option<Arc<ClientWrapper>>>,
}

impl AdvisoryLocks {
    pub(crate) async fn acquire(
        &self,
        database: &Database,
        key: &StoreKey,
    ) -> Result<impl Send + Sync + use<>, StoreError> {
        let local = Arc::clone(&self.local).acquire(*key).await;
        let connection = database.within(self.connection(database)).await?;
        // From here on, a caller that gives up releases what PostgreSQL may have granted meanwhile.
        let lock = Lock { connection, number: number(database.schema(), key), local: Some(local) };
        let mut wait = FIRST_WAIT;
        while !database.within(lock.take()).await? {
            tokio::time::sleep(wait).await;
            wait = LONGEST_WAIT.min(wait * 2);
        }
        Ok(lock)
    }

    async fn connection(&self, database: &Database) -> Result<Arc<ClientWrapper>, StoreError> {
        let mut connection = self.connection.lock().await;
        match &*connection {
            Some(client) if !client.is_closed() => Ok(Arc::clone(client)),
            _ => {
                let client = Arc::new(database.separate_client().await?);
                *connection = Some(Arc::clone(&client));
                Ok(client)
            }
        }
    }
}

/// One in 2^64, for this schema and key: two sessions that share one wait for each other, and nothing worse.
fn number(schema: &str, key: &StoreKey) -> i64 {
    let digest = Sha256::new().chain_update(key.as_bytes()).chain_update(schema).finalize();
    i64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}

struct Lock {
    connection: Arc<ClientWrapper>,
    number: i64,
    local: Option<Held>,
}

impl Lock {
    async fn take(&self) -> Result<bool, StoreError> {
        let asked = async {
            let statement = self.connection.prepare_cached("SELECT pg_try_advisory_lock($1)").await?;
            self.connection.query_one(&statement, &[&self.number]).await?.try_get(0)
        };
        asked.await.map_err(store_error)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (connection, number, local) = (Arc::clone(&self.connection), self.number, self.local.take());
        runtime.spawn(async move {
            // If this fails, the connection has ended, and the lock with it.
            let _ = connection.execute("SELECT pg_advisory_unlock($1)", &[&number]).await;
            drop(local);
        });
    }
}
