//! A Redis of a test's own, on a free port. It needs nothing of this crate but `port.rs`: other tests and benchmarks
//! include the file.

#[path = "port.rs"]
#[allow(clippy::duplicate_mod, reason = "each server has ports of its own")]
mod port;

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use self::port::free_port;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, gone with all that it holds when it is dropped.
#[derive(Debug)]
pub struct Redis {
    process: Child,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl Redis {
    /// A server that keeps nothing on disk, unless further command-line options say so.
    #[must_use]
    pub fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let port = free_port();
        let options: Vec<_> = options.iter().map(ToString::to_string).collect();
        let process = spawn(port, &options, &folder);
        let server = Self { process, port, options, folder };
        server.wait_until_it_listens();
        server
    }

    /// A server whose acknowledged writes survive its end.
    #[must_use]
    pub fn start_durable() -> Self {
        Self::start(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// The address of its first database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// The same server once more, with what it has kept on disk.
    pub fn restart(&mut self) {
        self.kill();
        self.process = spawn(self.port, &self.options, &self.folder);
        self.wait_until_it_listens();
    }

    /// Sends a signal.
    ///
    /// # Panics
    ///
    /// Where the server does not run.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("the server takes signals");
    }

    fn wait_until_it_listens(&self) {
        let give_up = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < give_up, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(port: u16, options: &[String], folder: &TempDir) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]).args(options);
    command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server is not installed: apt-get install redis-server")
}
