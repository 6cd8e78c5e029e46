//! A Redis of a test's own, on a free port, that keeps nothing.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use twinjar_server::store::RedisStore;

/// Killed with the test.
pub(crate) struct Redis {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.spawn().expect("redis-server is not installed: apt-get install redis-server");
        let give_up = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < give_up, "redis-server does not start in {}", folder.path().display());
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { process, port, folder }
    }

    pub(crate) fn address(&self) -> (&'static str, u16) {
        ("127.0.0.1", self.port)
    }

    pub(crate) async fn store(&self) -> RedisStore {
        let url = format!("redis://127.0.0.1:{}/", self.port);
        RedisStore::connect(url.parse().expect("a URL")).await.expect("it answers")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = &self.folder;
    }
}
