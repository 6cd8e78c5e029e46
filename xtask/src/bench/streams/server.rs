//! The demo server under load.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

const CORE: &str = "0";
const PATIENCE: Duration = Duration::from_secs(10);

/// Ended when dropped.
pub(super) struct Server {
    address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts it on a free port and a core of its own, with its sessions in memory.
    pub(super) fn start(max_connections: u32) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", CORE]).arg(workspace::binary("release", "twinjar-server"));
        command.args(["--listen", &address.to_string(), "--store", "memory"]);
        command.args(["--max-connections", &max_connections.to_string()]).env("RUST_LOG", "warn");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let child = command.spawn().context("cannot start the demo server")?;
        let mut server = Self { address, child };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the demo server ended before it listened: {status}");
            }
            ensure!(Instant::now() < deadline, "the demo server does not listen after {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Resident memory in bytes.
    pub(super) fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS is not a number")?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
