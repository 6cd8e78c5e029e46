//! The way to Redis: a connection that all requests share, made again when it breaks.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::io::tcp::{TcpSettings, socket2};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, ProtocolVersion, RedisError, RedisResult,
    RetryMethod, ServerErrorKind, TlsCertificates, TlsMode, Value,
};
use tokio::sync::Mutex;

use super::address::{Kind, RedisAddress};

/// How soon a connection that could not be made is tried again.
const RETRY_DELAY: Duration = Duration::from_millis(20);

/// How often a command follows a cluster that moves, and the longest pause between two attempts. The time limit of the
/// operation may end it earlier.
const REDIRECTIONS: u32 = 16;
const LONGEST_RETRY_DELAY: Duration = Duration::from_millis(320);

pub(super) enum Link {
    /// A server, or the master that Sentinels name.
    Single(Box<Single>),
    /// Finds the node for each command by itself, and follows its moves.
    Cluster(ClusterConnection),
}

/// How connections are made.
#[derive(Clone)]
pub(crate) struct Manner {
    pub(crate) timeout: Duration,
    pub(crate) root_certificate: Option<Vec<u8>>,
}

impl Link {
    pub(super) async fn open(address: &RedisAddress, manner: &Manner) -> RedisResult<Self> {
        if address.is_encrypted() {
            // Refused where the application has chosen one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let settings = manner.tcp_settings();
        if address.kind == Kind::Cluster {
            // A client of a cluster's tells no refusal from a node that is not there.
            Source::first(address, manner).await?;
            let mut builder = ClusterClient::builder(address.nodes().to_vec())
                .use_protocol(ProtocolVersion::RESP3)
                .connection_timeout(manner.timeout)
                .response_timeout(manner.timeout)
                .overall_response_timeout(Some(manner.timeout))
                // It would also send what a node may have done before the connection broke: `send_to_cluster` does not.
                .retries(0)
                .tcp_settings(settings);
            if address.is_encrypted() {
                builder = builder.tls(TlsMode::Secure).certs(manner.certificates());
            }
            return Ok(Self::Cluster(builder.build()?.get_async_connection().await?));
        }
        let single = Box::new(Single {
            source: Source::new(address, manner)?,
            // `Connection` has one limit for the whole operation; a second timer would only cost.
            config: manner.config().set_response_timeout(None),
            current: RwLock::default(),
            opening: Mutex::default(),
        });
        single.connection().await?;
        Ok(Self::Single(single))
    }

    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Single(single) => single.send(command).await,
            // Boxed: it is many times as large as the other, and every operation would be moved about with it.
            Self::Cluster(cluster) => Box::pin(send_to_cluster(cluster.clone(), command)).await,
        }
    }

    /// The same at one node of a cluster.
    pub(super) async fn send_to(&self, (host, port): &(String, u16), command: Cmd) -> RedisResult<Value> {
        match self {
            Self::Single(single) => single.send(&command).await,
            Self::Cluster(cluster) => {
                let node = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                cluster.clone().route_command(command, RoutingInfo::SingleNode(node)).await
            }
        }
    }

    /// Somebody has waited for longer than the timeout. Sentinels may know of another master by now.
    pub(super) fn distrust(&self) {
        if let Self::Single(single) = self
            && matches!(single.source, Source::Sentinel(_))
        {
            single.current().connection = None;
        }
    }
}

/// Follows redirections, and waits for a cluster that is between two masters: there a node has said that it did
/// nothing. Where no answer has come, the command may have been run, and is not sent again.
async fn send_to_cluster(mut cluster: ClusterConnection, command: &Cmd) -> RedisResult<Value> {
    let mut delay = RETRY_DELAY;
    for _ in 0..REDIRECTIONS {
        let refused = match command.query_async(&mut cluster).await {
            Err(error) if matches!(error.kind(), ErrorKind::Server(_)) => error,
            answer => return answer,
        };
        match refused.retry_method() {
            RetryMethod::AskRedirect => match ask(&mut cluster, command, &refused).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::TryAgain) => {}
                answer => return answer,
            },
            // The client has the right map by now.
            RetryMethod::MovedRedirect => continue,
            RetryMethod::RefreshSlotsAndRetry | RetryMethod::WaitAndRetry => {}
            _ => return Err(refused),
        }
        tokio::time::sleep(delay).await;
        delay = LONGEST_RETRY_DELAY.min(delay * 2);
    }
    command.query_async(&mut cluster).await
}

/// The key is on its way to another node, which answers for it if it is told that this is known.
async fn ask(cluster: &mut ClusterConnection, command: &Cmd, refused: &RedisError) -> RedisResult<Value> {
    let target = refused.redirect_node().and_then(|(address, _)| address.rsplit_once(':'));
    let node = target.and_then(|(host, port)| {
        Some(SingleNodeRoutingInfo::ByAddress { host: host.to_owned(), port: port.parse().ok()? })
    });
    let Some(node) = node else { return Err(refused.clone()) };
    let mut asking = redis::pipe();
    asking.cmd("ASKING").ignore().add_command(command.clone());
    let mut answers = cluster.route_pipeline(asking, 1, 1, node).await?;
    answers.pop().unwrap_or(Value::Nil).extract_error()
}

/// One connection at a time.
pub(super) struct Single {
    source: Source,
    config: AsyncConnectionConfig,
    current: RwLock<Current>,
    /// Held by the one who connects; the others wait for what it finds.
    opening: Mutex<()>,
}

#[derive(Default)]
struct Current {
    /// Counts the connections.
    number: u64,
    connection: Option<MultiplexedConnection>,
}

impl Single {
    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let (number, mut connection) = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        if let Err(error) = &answer {
            // The address may lead to another server by now: a Sentinel's, and that of a name or a virtual IP.
            let demoted = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
            if demoted || error.is_unrecoverable_error() {
                let mut current = self.current();
                if current.number == number {
                    current.connection = None;
                }
            }
        }
        answer
    }

    async fn connection(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        if let Some(present) = self.present() {
            return Ok(present);
        }
        let _opening = self.opening.lock().await;
        if let Some(present) = self.present() {
            return Ok(present);
        }
        match self.source.connect(&self.config).await {
            Ok(connection) => {
                let mut current = self.current();
                current.number += 1;
                current.connection = Some(connection.clone());
                Ok((current.number, connection))
            }
            Err(error) => {
                tokio::time::sleep(RETRY_DELAY).await;
                Err(error)
            }
        }
    }

    fn present(&self) -> Option<(u64, MultiplexedConnection)> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.connection.as_ref().map(|connection| (current.number, connection.clone()))
    }

    fn current(&self) -> std::sync::RwLockWriteGuard<'_, Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a single connection comes from.
pub(super) enum Source {
    Server(Box<Client>),
    Sentinel(Box<Mutex<SentinelClient>>),
}

impl Source {
    /// Of a server or the master of Sentinels; of a cluster, its first known node.
    pub(super) fn new(address: &RedisAddress, manner: &Manner) -> RedisResult<Self> {
        let first = &address.nodes()[0];
        let Kind::Sentinel { master } = &address.kind else { return Self::server(first, manner) };
        let addresses = address.nodes().iter().map(|node| node.addr().clone());
        let mut builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?
            .set_client_to_redis_protocol(ProtocolVersion::RESP3)
            .set_client_to_redis_db(first.redis_settings().db())
            .set_client_to_redis_tcp_settings(manner.tcp_settings())
            .set_client_to_sentinel_tcp_settings(manner.tcp_settings());
        if let Some(user) = first.redis_settings().username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = first.redis_settings().password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if address.is_encrypted() {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(manner.certificates())
                .set_client_to_sentinel_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_certificates(manner.certificates());
        }
        Ok(Self::Sentinel(Box::new(Mutex::new(builder.build()?))))
    }

    pub(super) fn server(node: &ConnectionInfo, manner: &Manner) -> RedisResult<Self> {
        let settings = node.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let node = node.clone().set_redis_settings(settings).set_tcp_settings(manner.tcp_settings());
        let is_encrypted = matches!(node.addr(), redis::ConnectionAddr::TcpTls { .. });
        Ok(Self::Server(Box::new(match is_encrypted {
            true => Client::build_with_tls(node, manner.certificates())?,
            false => Client::open(node)?,
        })))
    }

    /// A connection to the first of the nodes that answers.
    pub(super) async fn first(address: &RedisAddress, manner: &Manner) -> RedisResult<MultiplexedConnection> {
        // One that is gone without a word leaves time for the others.
        let share = manner.timeout / u32::try_from(address.nodes().len()).unwrap_or(u32::MAX);
        let config = manner.config().set_connection_timeout(Some(share));
        let mut last = None;
        for node in address.nodes() {
            match Self::server(node, manner)?.connect(&config).await {
                Err(error) if error.is_io_error() => last = Some(error),
                answer => return answer,
            }
        }
        Err(last.expect("an address has at least one node"))
    }

    pub(super) async fn connect(&self, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        match self {
            Self::Server(client) => client.get_multiplexed_async_connection_with_config(config).await,
            Self::Sentinel(client) => client.lock().await.get_async_connection_with_config(config).await,
        }
    }
}

impl Manner {
    pub(super) fn config(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
    }

    fn certificates(&self) -> TlsCertificates {
        TlsCertificates { client_tls: None, root_cert: self.root_certificate.clone() }
    }

    /// A server that is gone without a word is noticed.
    fn tcp_settings(&self) -> TcpSettings {
        let probes = socket2::TcpKeepalive::new().with_time(self.timeout.max(Duration::from_secs(1)));
        let settings = TcpSettings::default().set_nodelay(true).set_keepalive(probes);
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let settings = settings.set_user_timeout(self.timeout * 2);
        settings
    }
}
