//! A session's lock, across all servers: a key of Redis' with a holder, which runs out unless the holder renews it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::connection::Connection;
use super::scripts::{RENEW, UNLOCK};
use crate::StoreKey;
use crate::store::StoreError;
use crate::store::locks::{Held, SessionLocks};

/// How long the lock of a server that has died keeps others waiting.
const LEASE: Duration = Duration::from_secs(10);
const RENEWED_EVERY: Duration = Duration::from_secs(3);

/// How often a lock that another server holds is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(2);
const LONGEST_WAIT: Duration = Duration::from_millis(32);

/// Within the process, waiters stand in line; only the first asks Redis.
#[derive(Default)]
pub(crate) struct LeasedLocks(Arc<SessionLocks>);

impl LeasedLocks {
    pub(crate) async fn acquire(
        &self,
        connection: &Arc<Connection>,
        key: &StoreKey,
    ) -> Result<impl Send + Sync + use<>, StoreError> {
        let local = Arc::clone(&self.0).acquire(*key).await;
        // From here on, a caller that gives up releases what Redis may have granted meanwhile.
        let mut lease = Lease {
            connection: Arc::clone(connection),
            key: connection.keys.lock(key),
            holder: rand::random(),
            renewal: None,
            local: Some(local),
        };
        let mut wait = FIRST_WAIT;
        while !lease.take().await? {
            tokio::time::sleep(wait).await;
            wait = LONGEST_WAIT.min(wait * 2);
        }
        lease.renewal =
            Some(tokio::spawn(renew(Arc::clone(connection), lease.key.clone(), lease.holder)).abort_handle());
        Ok(lease)
    }
}

struct Lease {
    connection: Arc<Connection>,
    key: Vec<u8>,
    holder: [u8; 16],
    renewal: Option<AbortHandle>,
    local: Option<Held>,
}

impl Lease {
    async fn take(&self) -> Result<bool, StoreError> {
        let mut command = redis::cmd("SET");
        command.arg(&self.key).arg(&self.holder[..]).arg("NX").arg("PX").arg(milliseconds());
        let taken: Option<String> = self.connection.query(&command).await?;
        Ok(taken.is_some())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (connection, key, holder) =
            (Arc::clone(&self.connection), std::mem::take(&mut self.key), self.holder);
        let local = self.local.take();
        runtime.spawn(async move {
            // If this fails, the lease runs out.
            let _: Result<i64, _> = connection.run(&UNLOCK, &key, &[&holder]).await;
            drop(local);
        });
    }
}

async fn renew(connection: Arc<Connection>, key: Vec<u8>, holder: [u8; 16]) {
    loop {
        tokio::time::sleep(RENEWED_EVERY).await;
        // If this fails, the next one may still be in time.
        let _: Result<i64, _> = connection.run(&RENEW, &key, &[&holder, milliseconds().as_bytes()]).await;
    }
}

fn milliseconds() -> String {
    LEASE.as_millis().to_string()
}
