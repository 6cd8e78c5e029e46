//! What others change, as Redis tells it: server-assisted client-side caching in its broadcasting mode, on connections
//! of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{ConnectionAddr, ConnectionInfo, ErrorKind, PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::Notify;

use super::address::{Kind, RedisAddress};
use super::error::store_error;
use super::keys::Keys;
use super::link::{Manner, Source};
use crate::store::channel::{self, PATIENCE};
use crate::store::{News, StoreError};

/// What it takes to open a channel.
pub(super) struct Opener {
    pub(super) address: RedisAddress,
    pub(super) manner: Manner,
    pub(super) keys: Keys,
}

/// Connections to all servers that take writes.
pub(super) struct Channel {
    connections: Vec<MultiplexedConnection>,
    /// In a cluster, where they lead; elsewhere empty.
    masters: BTreeSet<(String, u16)>,
    broken: Arc<Notify>,
}

impl channel::Opener for Opener {
    type Channel = Channel;

    const TELLER: &'static str = "Redis";

    fn patience(&self) -> Duration {
        PATIENCE * 2
    }

    async fn open(&self, news: &Arc<News>) -> Result<Channel, StoreError> {
        self.connect(news).await.map_err(store_error)
    }
}

impl channel::Channel for Channel {
    /// What Redis answers comes after what it has told before, on the same connection.
    async fn is_sound(&mut self) -> bool {
        let is_cluster = !self.masters.is_empty();
        for connection in &mut self.connections {
            let proof = if is_cluster { slots() } else { redis::cmd("PING") };
            let Ok(answer) = proof.query_async::<Value>(connection).await else { return false };
            // A master that joins is one whose changes nobody has told.
            if is_cluster && masters(&answer).is_none_or(|masters| masters != self.masters) {
                return false;
            }
        }
        true
    }

    async fn breaks(&mut self) {
        self.broken.notified().await;
    }
}

impl Opener {
    async fn connect(&self, news: &Arc<News>) -> RedisResult<Channel> {
        let broken = Arc::new(Notify::new());
        let config = || {
            let (news, broken, keys) = (Arc::downgrade(news), Arc::clone(&broken), self.keys.clone());
            let manner = Manner { timeout: PATIENCE, ..self.manner.clone() };
            manner.config().set_push_sender(move |word: PushInfo| {
                let Some(news) = news.upgrade() else { return Err(()) };
                if word.kind == PushKind::Disconnection {
                    news.lost();
                    broken.notify_one();
                } else if word.kind == PushKind::Invalidate {
                    pass_on(&word.data, &keys, &news);
                }
                Ok(())
            })
        };
        let mut sources = Vec::new();
        let mut masters = BTreeSet::new();
        if self.address.kind == Kind::Cluster {
            masters = self.masters().await?;
            let seed = &self.address.nodes()[0];
            for (host, port) in &masters {
                sources.push(Source::server(&elsewhere(seed, host, *port), &self.manner)?);
            }
        } else {
            sources.push(Source::new(&self.address, &self.manner)?);
        }
        let mut connections = Vec::new();
        for source in sources {
            let mut connection = source.connect(&config()).await?;
            let mut track = redis::cmd("CLIENT");
            track.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg(self.keys.told());
            let _: String = track.query_async(&mut connection).await?;
            connections.push(connection);
        }
        Ok(Channel { connections, masters, broken })
    }

    async fn masters(&self) -> RedisResult<BTreeSet<(String, u16)>> {
        let mut connection = Source::first(&self.address, &self.manner).await?;
        let answer = slots().query_async::<Value>(&mut connection).await?;
        let unknown = || RedisError::from((ErrorKind::InvalidClientConfig, "the cluster names no masters"));
        masters(&answer).ok_or_else(unknown)
    }
}

pub(super) fn slots() -> redis::Cmd {
    let mut command = redis::cmd("CLUSTER");
    command.arg("SLOTS");
    command
}

/// First, last, master, replicas; of each range of slots.
pub(super) fn masters(answer: &Value) -> Option<BTreeSet<(String, u16)>> {
    let Value::Array(ranges) = answer else { return None };
    let masters = ranges.iter().map(|range| {
        let Value::Array(parts) = range else { return None };
        let Some(Value::Array(master)) = parts.get(2) else { return None };
        let [Value::BulkString(host), Value::Int(port), ..] = master.as_slice() else { return None };
        Some((String::from_utf8(host.clone()).ok()?, u16::try_from(*port).ok()?))
    });
    masters.collect::<Option<BTreeSet<_>>>().filter(|masters| !masters.is_empty())
}

fn elsewhere(seed: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let address = match seed.addr() {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
            host: host.to_owned(),
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host.to_owned(), port),
    };
    seed.clone().set_addr(address)
}

/// A list of keys; nothing at all where everything was flushed.
fn pass_on(data: &[Value], keys: &Keys, news: &News) {
    let Some(Value::Array(changed)) = data.first() else { return news.lost() };
    for key in changed {
        if let Value::BulkString(key) = key
            && let Some(key) = keys.session_of(key)
        {
            news.changed(&key);
        }
    }
}
