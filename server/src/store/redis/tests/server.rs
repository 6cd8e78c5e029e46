//! A Redis of a test's own, on a free port.

#[path = "../../../../../tests/src/port.rs"]
#[allow(clippy::duplicate_mod, reason = "each server has ports of its own")]
mod port;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(super) use self::port::free_port;

use crate::store::test_support::key;
use crate::store::{RedisAddress, RedisStore, RedisStoreBuilder};

/// Names and values of variables.
pub(super) type Environment = Vec<(&'static str, String)>;

/// Killed with the test, with all that it holds.
pub(super) struct Server {
    process: Child,
    port: u16,
    environment: Environment,
    arguments: Vec<String>,
    folder: TempDir,
}

/// What Redis calls a session.
pub(super) fn name_of(number: u64) -> Vec<u8> {
    [b"twinjar:s:", &key(number).as_bytes()[..]].concat()
}

impl Server {
    /// Keeps nothing on disk unless the options say so.
    pub(super) fn start(options: &[&str]) -> Self {
        Self::start_in(Vec::new(), options)
    }

    /// The same, in an environment of its own.
    pub(super) fn start_in(environment: Environment, options: &[&str]) -> Self {
        let port = free_port();
        let usual = ["--port", &port.to_string(), "--save", ""];
        Self::run(port, tempfile::tempdir().unwrap(), environment, &[&usual, options])
    }

    /// Speaks TLS only.
    pub(super) fn start_encrypted(options: &[&str]) -> Self {
        let port = free_port();
        let ports = ["--port", "0", "--tls-port", &port.to_string(), "--save", ""];
        Self::run(port, tempfile::tempdir().unwrap(), Vec::new(), &[&ports, options])
    }

    /// A Sentinel, which writes to its settings.
    pub(super) fn start_sentinel(settings: &str) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("sentinel.conf"), settings).unwrap();
        let arguments = ["sentinel.conf", "--sentinel", "--port", &port.to_string()];
        Self::run(port, folder, Vec::new(), &[&arguments])
    }

    fn run(port: u16, folder: TempDir, environment: Environment, arguments: &[&[&str]]) -> Self {
        let arguments: Vec<_> = arguments.iter().copied().flatten().map(ToString::to_string).collect();
        let process = spawn(&environment, &arguments, folder.path());
        let server = Self { process, port, environment, arguments, folder };
        server.wait_until_it_listens();
        server
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn address(&self) -> RedisAddress {
        self.url().parse().unwrap()
    }

    pub(super) async fn store(&self) -> RedisStore {
        RedisStore::connect(self.address()).await.unwrap()
    }

    pub(super) async fn store_with(&self, builder: RedisStoreBuilder) -> RedisStore {
        builder.connect(self.address()).await.unwrap()
    }

    /// A command by another client.
    pub(super) async fn command<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> T {
        self.try_command(command).await.unwrap()
    }

    pub(super) async fn try_command<T: redis::FromRedisValue>(
        &self,
        command: &redis::Cmd,
    ) -> redis::RedisResult<T> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        command.query_async(&mut connection).await
    }

    /// Waits until this replica has all that its master has by now.
    pub(super) async fn catch_up(&self, master: &Self) {
        let offset = async |server: &Self, field: &str| {
            let info: String = server.command(redis::cmd("INFO").arg("replication")).await;
            let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            value.map_or(0, |value| value.parse::<u64>().unwrap())
        };
        let (there, give_up) =
            (offset(master, "master_repl_offset").await, Instant::now() + Duration::from_secs(20));
        while offset(self, "slave_repl_offset").await < there {
            assert!(Instant::now() < give_up, "the replica does not catch up");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The same once more, with what it has kept on disk.
    pub(super) fn restart(&mut self) {
        self.process = spawn(&self.environment, &self.arguments, self.folder.path());
        self.wait_until_it_listens();
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn wait_until_it_listens(&self) {
        let give_up = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < give_up, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(environment: &Environment, arguments: &[String], folder: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.envs(environment.iter().cloned()).args(arguments).args(["--bind", "127.0.0.1"]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server is not installed: apt-get install redis-server")
}

/// Stands between a client and a server, and can freeze: connections stay open, and nothing passes. Or it loses an
/// answer, and the connection with it.
pub(super) struct Relay {
    port: u16,
    frozen: tokio::sync::watch::Sender<bool>,
    loses: Arc<AtomicBool>,
    _accepting: tokio::task::JoinSet<()>,
}

impl Relay {
    pub(super) async fn start(to: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (frozen, is_frozen) = tokio::sync::watch::channel(false);
        let loses = Arc::new(AtomicBool::new(false));
        let (losing, mut accepting) = (Arc::clone(&loses), tokio::task::JoinSet::new());
        accepting.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = tokio::net::TcpStream::connect(("127.0.0.1", to)).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(pass(near_in, far_out, is_frozen.clone(), Arc::default()));
                tokio::spawn(pass(far_in, near_out, is_frozen.clone(), Arc::clone(&losing)));
            }
        });
        Self { port, frozen, loses, _accepting: accepting }
    }

    pub(super) fn address(&self) -> RedisAddress {
        format!("redis://127.0.0.1:{}", self.port).parse().unwrap()
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The next answer does not come: the connection is closed instead.
    pub(super) fn lose_an_answer(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    /// Whether an answer has been lost since.
    pub(super) fn has_lost_it(&self) -> bool {
        !self.loses.load(Ordering::SeqCst)
    }

    pub(super) fn freeze(&self, frozen: bool) {
        self.frozen.send_replace(frozen);
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut frozen: tokio::sync::watch::Receiver<bool>,
    loses: Arc<AtomicBool>,
) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if loses.swap(false, Ordering::SeqCst) {
            return;
        }
        if frozen.wait_for(|frozen| !frozen).await.is_err() || to.write_all(&buffer[..length]).await.is_err()
        {
            return;
        }
    }
}
