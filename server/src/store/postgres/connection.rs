//! The connections to PostgreSQL, and how long anybody waits for them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Client, ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod,
};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};

use super::address::{Encryption, PostgresAddress};
use super::channel::Opener;
use super::error::{store_error, unavailable};
use super::{migrations, tls};
use crate::store::{StoreError, wait};

/// What is set on a store.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) schema: Arc<str>,
    pub(crate) timeout: Duration,
    pub(crate) connections: NonZeroUsize,
}

/// Connections that are made as they are needed, and made again when they break.
pub(crate) struct Database {
    pool: Pool,
    config: Config,
    encryption: Encryption,
    settings: Settings,
}

/// Values of a statement's parameters.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Database {
    /// Connects, and sees to the tables.
    pub(super) async fn open(address: &PostgresAddress, settings: Settings) -> Result<Self, StoreError> {
        let database = Self::connect(address, settings)?;
        let mut client = database.within(database.client()).await?;
        // Others may be at it, and have as much to do.
        let migrated = migrations::apply(&mut client, &database.settings.schema);
        wait::within(database.settings.timeout * 4, migrated).await?;
        Ok(database)
    }

    /// Gets ready to connect; the schema is one that somebody else sees to.
    pub(crate) fn connect(address: &PostgresAddress, settings: Settings) -> Result<Self, StoreError> {
        let mut config = address.config();
        if config.get_application_name().is_none() {
            config.application_name("twinjar");
        }
        // A server that is gone without a word is noticed.
        config
            .connect_timeout(settings.timeout)
            .keepalives_idle(settings.timeout.max(Duration::from_secs(1)));
        config.tcp_user_timeout(settings.timeout * 2);
        let encryption = address.encryption().clone();
        let manager = manager(config.clone(), &encryption)?;
        let prepare = session_settings(&settings);
        let pool = Pool::builder(manager)
            .max_size(settings.connections.get())
            .post_create(Hook::async_fn(move |client, _| {
                let prepare = prepare.clone();
                Box::pin(async move { client.batch_execute(&prepare).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(unavailable)?;
        Ok(Self { pool, config, encryption, settings })
    }

    /// What it takes to hear of changes.
    pub(super) fn opener(&self) -> Opener {
        let Self { config, encryption, settings, .. } = self;
        Opener { config: config.clone(), encryption: encryption.clone(), settings: settings.clone() }
    }

    pub(super) fn schema(&self) -> &str {
        &self.settings.schema
    }

    /// The rows of one statement.
    pub(crate) async fn query(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        self.ask(statement, values).await?.map_err(store_error)
    }

    /// The first row, if there is one.
    pub(crate) async fn query_one(
        &self,
        statement: &str,
        values: Values<'_>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(statement, values).await?.into_iter().next())
    }

    /// The rows of one statement, which is prepared once a connection, or what PostgreSQL has against it.
    pub(crate) async fn ask(
        &self,
        statement: &str,
        values: Values<'_>,
    ) -> Result<Result<Vec<Row>, tokio_postgres::Error>, StoreError> {
        let mut borrowed = None;
        let asked = self.within(async {
            let client = borrowed.insert(self.client().await?);
            let answer = async { client.query(&client.prepare_cached(statement).await?, values).await };
            Ok(answer.await)
        });
        let answered = asked.await;
        // A refusal was said on a connection that works. Else, whoever got it next would wait for the same answer.
        let works = match &answered {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => error.as_db_error().is_some_and(|said| !is_of_the_connection(said.code())),
            Err(_) => false,
        };
        if !works {
            borrowed.map(Client::take);
        }
        if matches!(&answered, Ok(Err(_))) && !works {
            // It broke, and those that are waiting to be used were most likely made of the same server.
            let _ = self.pool.retain(|_, _| false);
        }
        answered
    }

    /// A connection that is none of the pool's.
    pub(super) async fn separate_client(&self) -> Result<ClientWrapper, StoreError> {
        self.client().await.map(Client::take)
    }

    /// A connection for as long as it is kept.
    pub(crate) async fn client(&self) -> Result<Client, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                store_error(error)
            }
            other => unavailable(other),
        })
    }

    pub(crate) async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        wait::within(self.settings.timeout, answer).await
    }
}

fn manager(config: Config, encryption: &Encryption) -> Result<Manager, StoreError> {
    let behaviour = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Ok(match encryption {
        Encryption::None => Manager::from_config(config, NoTls, behaviour),
        Encryption::Verified { authorities } => {
            Manager::from_config(config, tls::connector(authorities.as_deref())?, behaviour)
        }
    })
}

/// What each connection begins with. The server gives up when the store does, and leaves nothing locked behind.
pub(super) fn session_settings(settings: &Settings) -> String {
    let milliseconds = settings.timeout.as_millis().clamp(1, 1 << 30);
    format!(
        "SET search_path TO {schema}; SET statement_timeout TO {milliseconds}; \
         SET idle_in_transaction_session_timeout TO {milliseconds}; \
         SET default_transaction_isolation TO 'read committed'",
        schema = quoted(&settings.schema),
    )
}

/// What another connection may do better: one whose statements are forgotten, or made for tables as they were.
fn is_of_the_connection(state: &SqlState) -> bool {
    [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::FEATURE_NOT_SUPPORTED].contains(state)
}

/// A name as SQL has it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
