//! How operations reach Redis: within a time limit, and scripts by their digest.

use std::time::Duration;

use redis::{Cmd, ErrorKind, FromRedisValue, RedisResult, ServerErrorKind, Value};

use super::address::RedisAddress;
use super::error::store_error;
use super::keys::Keys;
use super::link::{Link, Manner};
use super::scripts::Script;
use crate::store::{StoreError, StoreErrorKind};

pub(crate) struct Connection {
    link: Link,
    pub(super) keys: Keys,
    pub(super) timeout: Duration,
}

impl Connection {
    pub(crate) async fn open(
        address: &RedisAddress,
        manner: &Manner,
        keys: Keys,
    ) -> Result<Self, StoreError> {
        let timeout = manner.timeout;
        match tokio::time::timeout(timeout, Link::open(address, manner)).await {
            Ok(link) => Ok(Self { link: link.map_err(store_error)?, keys, timeout }),
            Err(elapsed) => Err(StoreError::with_source(StoreErrorKind::Unavailable, elapsed)),
        }
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.bounded(self.link.send(command)).await
    }

    /// The same at one node of a cluster.
    pub(super) async fn query_at<T: FromRedisValue>(
        &self,
        node: Option<&(String, u16)>,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        match node {
            Some(node) => self.bounded(self.link.send_to(node, command.clone())).await,
            None => self.query(command).await,
        }
    }

    /// Runs a script on the node that has the key.
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
        let answer = async {
            match self.link.send(&script.by_digest(keys, arguments)).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    Box::pin(self.link.send(&script.by_text(keys, arguments))).await
                }
                answer => answer,
            }
        };
        self.bounded(answer).await
    }

    async fn bounded<T: FromRedisValue>(
        &self,
        answer: impl Future<Output = RedisResult<Value>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(answer) => redis::from_redis_value(answer.map_err(store_error)?)
                .map_err(|error| store_error(error.into())),
            Err(elapsed) => {
                self.link.distrust();
                Err(StoreError::with_source(StoreErrorKind::Unavailable, elapsed))
            }
        }
    }
}
