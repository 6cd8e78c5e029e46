//! One connection to Redis, shared by all requests, made again when it breaks.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::{TcpSettings, socket2};
use redis::{Client, Cmd, FromRedisValue, Script};

use super::address::RedisAddress;
use super::error::store_error;
use crate::store::{StoreError, StoreErrorKind};

/// How soon a broken connection is tried again, at most so often for a request that waits.
const RETRY_DELAY: Duration = Duration::from_millis(20);
const LONGEST_RETRY_DELAY: Duration = Duration::from_millis(200);

#[derive(Clone)]
pub(crate) struct Connection {
    manager: ConnectionManager,
    prefix: Arc<str>,
    timeout: Duration,
}

impl Connection {
    pub(crate) async fn open(
        address: &RedisAddress,
        prefix: Arc<str>,
        timeout: Duration,
    ) -> Result<Self, StoreError> {
        let client = Client::open(address.info().set_tcp_settings(settings(timeout))).map_err(store_error)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout))
            .set_min_delay(RETRY_DELAY)
            .set_max_delay(LONGEST_RETRY_DELAY)
            .set_number_of_retries(1);
        let connecting = ConnectionManager::new_with_config(client, config);
        let manager = bounded(timeout, connecting).await?;
        Ok(Self { manager, prefix, timeout })
    }

    /// A Redis key: of this kind, for this name.
    pub(crate) fn key(&self, kind: &str, name: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), kind.as_bytes(), b":", name].concat()
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut manager = self.manager.clone();
        bounded(self.timeout, command.query_async(&mut manager)).await
    }

    /// Runs a script of the sessions', which is loaded when Redis does not know it (any more).
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &[u8],
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        self.run_on(script, &[key], arguments).await
    }

    /// The same, on several keys.
    pub(crate) async fn run_on<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let mut manager = self.manager.clone();
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(*key);
        }
        for argument in arguments {
            invocation.arg(*argument);
        }
        bounded(self.timeout, invocation.invoke_async(&mut manager)).await
    }

    pub(crate) fn prefix(&self) -> &[u8] {
        self.prefix.as_bytes()
    }
}

/// A server that is gone without a word is noticed.
fn settings(timeout: Duration) -> TcpSettings {
    let probes = socket2::TcpKeepalive::new().with_time(timeout.max(Duration::from_secs(1)));
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(probes);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(timeout * 2);
    settings
}

async fn bounded<T>(
    timeout: Duration,
    answer: impl Future<Output = redis::RedisResult<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer.map_err(store_error),
        Err(elapsed) => Err(StoreError::with_source(StoreErrorKind::Unavailable, elapsed)),
    }
}

macro_rules! scripts {
    ($($name:ident = $file:literal),+ $(,)?) => {$(
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(include_str!("scripts/common.lua"), include_str!(concat!("scripts/", $file))))
        });
    )+};
}

scripts! {
    CREATE = "create.lua",
    FOLLOW = "follow.lua",
    COMMIT = "commit.lua",
    TOUCH = "touch.lua",
    ROTATE = "rotate.lua",
    CONFIRM = "confirm.lua",
    DELETE = "delete.lua",
    LIST = "list.lua",
    DELETE_ALL = "delete_all.lua",
}

pub(super) static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/renew.lua")));
pub(super) static UNLOCK: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/unlock.lua")));
