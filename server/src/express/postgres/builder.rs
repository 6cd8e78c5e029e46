//! What can be set on the store.

use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::statements::Statements;
use super::{ConnectPgSimple, Inner};
use crate::store::postgres::{AdvisoryLocks, Database, Settings, store_error};
use crate::store::{PostgresAddress, StoreError};

/// Sets up a [`ConnectPgSimple`]; see [`ConnectPgSimple::builder`] for the defaults.
#[derive(Clone, Debug)]
#[must_use = "call connect to get the store"]
pub struct ConnectPgSimpleBuilder {
    table: String,
    creates_table: bool,
    ttl: Duration,
    touches: bool,
    prunes_every: Option<Duration>,
    settings: Settings,
}

impl ConnectPgSimpleBuilder {
    pub(super) fn new() -> Self {
        Self {
            table: "session".to_owned(),
            creates_table: false,
            ttl: Duration::from_secs(86_400),
            touches: true,
            prunes_every: Some(Duration::from_secs(15 * 60)),
            settings: Settings {
                schema: "public".into(),
                timeout: Duration::from_secs(5),
                connections: const { NonZeroUsize::MIN.saturating_add(15) },
            },
        }
    }

    /// The schema that holds the table: the option `schemaName`.
    pub fn schema_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.settings.schema = name.into();
        self
    }

    /// The table: the option `tableName`.
    pub fn table_name(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Creates the table where it is missing: the option `createTableIfMissing`.
    pub fn create_table_if_missing(mut self, yes: bool) -> Self {
        self.creates_table = yes;
        self
    }

    /// How long a session lives whose cookie has no end: the option `ttl`.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Leaves a session's end as it is where the session is only read: the option `disableTouch`.
    pub fn disable_touch(mut self) -> Self {
        self.touches = false;
        self
    }

    /// How often expired sessions are removed, by half more or less at random; `None`: never. The option
    /// `pruneSessionInterval`.
    pub fn prune_session_interval(mut self, interval: Option<Duration>) -> Self {
        self.prunes_every = interval;
        self
    }

    /// How long an operation waits until it fails as [`Unavailable`](crate::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How many connections work at the same time. One more holds the sessions' locks.
    pub fn connections(mut self, most: NonZeroUsize) -> Self {
        self.settings.connections = most;
        self
    }

    /// Connects, and looks after the table.
    ///
    /// # Errors
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server does not answer.
    /// [`Denied`](crate::store::StoreErrorKind::Denied): the password is wrong, or a permission is missing.
    /// [`Incompatible`](crate::store::StoreErrorKind::Incompatible): the table is missing, or is another one.
    pub async fn connect(self, address: PostgresAddress) -> Result<ConnectPgSimple, StoreError> {
        let database = Database::connect(&address, self.settings)?;
        let statements = Statements::new(&self.table);
        if self.creates_table {
            let client = database.within(database.client()).await?;
            database
                .within(async { client.batch_execute(&statements.create_table).await.map_err(store_error) })
                .await?;
        }
        super::check_table(database.ask(&statements.exists, &[]).await?.is_ok())?;
        let (locks, ttl, touches) = (AdvisoryLocks::default(), self.ttl, self.touches);
        let inner = Arc::new(Inner { database, locks, statements, ttl, touches });
        if let Some(interval) = self.prunes_every {
            tokio::spawn(prune(Arc::downgrade(&inner), interval));
        }
        Ok(ConnectPgSimple(inner))
    }
}

/// For as long as somebody has the store. Servers that start together do not all prune at once.
async fn prune(inner: Weak<Inner>, interval: Duration) {
    loop {
        tokio::time::sleep(interval.mul_f64(0.5 + rand::random::<f64>())).await;
        let Some(inner) = inner.upgrade() else { return };
        match ConnectPgSimple(inner).prune().await {
            Ok(0) => {}
            Ok(pruned) => tracing::debug!(pruned, "removed expired sessions"),
            Err(error) => tracing::warn!(%error, "expired sessions could not be removed"),
        }
    }
}
