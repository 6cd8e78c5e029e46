//! What others change, as Redis tells it: server-assisted client-side caching in its broadcasting mode, on connections
//! of its own.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{ConnectionAddr, ConnectionInfo, ErrorKind, PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::Notify;

use super::address::{Kind, RedisAddress};
use super::keys::Keys;
use super::link::{Manner, Source};
use crate::store::News;

/// How long Redis may take to answer a proof.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pause before a channel that has broken is opened anew, and how long it grows while that fails.
const RETRY_DELAY: Duration = Duration::from_millis(100);
const LONGEST_RETRY_DELAY: Duration = Duration::from_secs(2);

/// What it takes to open a channel.
pub(super) struct Opener {
    pub(super) address: RedisAddress,
    pub(super) manner: Manner,
    pub(super) keys: Keys,
}

/// Passes on what Redis tells, for as long as somebody holds the news.
pub(super) async fn follow(opener: Opener, news: Weak<News>) {
    let (mut pause, mut warned) = (RETRY_DELAY, false);
    loop {
        let opened = match news.upgrade() {
            Some(news) => tokio::time::timeout(PATIENCE * 2, Channel::open(&opener, &news)).await,
            None => return,
        };
        match opened {
            Ok(Ok(channel)) => {
                (pause, warned) = (RETRY_DELAY, false);
                channel.speak(&opener, &news).await;
            }
            failed => {
                if let (Ok(Err(error)), false) = (failed, std::mem::replace(&mut warned, true)) {
                    tracing::warn!(%error, "Redis does not tell what other servers change");
                }
                pause = LONGEST_RETRY_DELAY.min(pause * 2);
            }
        }
        let Some(news) = news.upgrade() else { return };
        news.lost();
        drop(news);
        tokio::time::sleep(pause).await;
    }
}

/// Connections to all servers that take writes.
struct Channel {
    connections: Vec<MultiplexedConnection>,
    /// In a cluster, where they lead.
    masters: BTreeSet<(String, u16)>,
    broken: Arc<Notify>,
}

impl Channel {
    async fn open(opener: &Opener, news: &Arc<News>) -> RedisResult<Self> {
        let broken = Arc::new(Notify::new());
        let config = || {
            let (news, broken, keys) = (Arc::downgrade(news), Arc::clone(&broken), opener.keys.clone());
            let manner = Manner { timeout: PATIENCE, ..opener.manner.clone() };
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
        if opener.address.kind == Kind::Cluster {
            masters = opener.masters().await?;
            let seed = &opener.address.nodes()[0];
            for (host, port) in &masters {
                sources.push(Source::server(&elsewhere(seed, host, *port), &opener.manner)?);
            }
        } else {
            sources.push(Source::new(&opener.address, &opener.manner)?);
        }
        let mut connections = Vec::new();
        for source in sources {
            let mut connection = source.connect(&config()).await?;
            let mut track = redis::cmd("CLIENT");
            track.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg(opener.keys.told());
            let _: String = track.query_async(&mut connection).await?;
            connections.push(connection);
        }
        Ok(Self { connections, masters, broken })
    }

    /// Until it breaks, falls silent, or nobody holds the news any more.
    async fn speak(mut self, opener: &Opener, news: &Weak<News>) {
        loop {
            let sent = Instant::now();
            if !self.is_sound(opener).await {
                return;
            }
            let Some(news) = news.upgrade() else { return };
            news.heard_up_to(sent);
            drop(news);
            if tokio::time::timeout(News::HEARTBEAT, self.broken.notified()).await.is_ok() {
                return;
            }
        }
    }

    /// Whether everything that was told before has come: what Redis answers comes after it, on the same connection.
    async fn is_sound(&mut self, opener: &Opener) -> bool {
        let is_cluster = opener.address.kind == Kind::Cluster;
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
}

impl Opener {
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
