//! The servers that are compared: how each is built, started and watched.

use std::fmt::Display;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Sub;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::curl::curl;
use crate::{process, provision, workspace};

/// The name of the one that the others are set in relation to.
pub(in crate::bench) const BASE: &str = "bare axum";

const SERVER_CORE: &str = "0";
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that can be started.
pub(in crate::bench) struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
}

/// A started server; dropping it ends it.
pub(in crate::bench) struct Running {
    name: &'static str,
    port: u16,
    child: Child,
}

/// Processor time of a process.
#[derive(Clone, Copy)]
pub(in crate::bench) struct Cpu {
    pub(super) user: Duration,
    pub(super) system: Duration,
}

/// The programs that contenders are made of.
pub(in crate::bench) struct Programs {
    node: PathBuf,
    express: PathBuf,
}

impl Programs {
    /// Builds every server and installs what they and the client need.
    pub(in crate::bench) fn prepare() -> Result<Self> {
        provision::require([provision::TASKSET, provision::WRK, provision::CURL])?;
        let node = provision::node()?;
        process::run(
            "Building the testbed",
            process::cargo("build --release --package twinjar-server --example testbed"),
        )?;
        let mut peers = process::cargo("build --release");
        peers.arg("--manifest-path").arg(workspace::path("tests/bench/peers/Cargo.toml"));
        peers.arg("--target-dir").arg(workspace::target().join("bench-peers"));
        process::run("Building the compared axum servers", peers)?;
        let express = workspace::path("tests/bench/express");
        provision::npm_ci(&express)?;
        Ok(Self { node, express })
    }

    /// Axum alone.
    pub(in crate::bench) fn base(&self) -> Contender {
        self.peer(BASE, "bare-axum")
    }

    /// This library.
    pub(in crate::bench) fn twinjar(&self, name: &'static str) -> Contender {
        let testbed = Contender::new(name, workspace::binary("release/examples", "testbed"));
        testbed.with("SECRETS", "one secret of a benchmark and of nothing else")
    }

    /// One of the axum servers in `tests/bench/peers`.
    pub(in crate::bench) fn peer(&self, name: &'static str, program: &str) -> Contender {
        Contender::new(name, workspace::binary("bench-peers/release", program))
    }

    /// Express with express-session.
    pub(in crate::bench) fn express(&self, name: &'static str) -> Contender {
        let mut express = Contender::new(name, self.node.clone()).with("NODE_ENV", "production");
        express.arguments.push(self.express.join("server.mjs"));
        express
    }
}

/// Those with their sessions in memory.
pub(super) fn prepare() -> Result<Vec<Contender>> {
    let programs = Programs::prepare()?;
    Ok(vec![
        programs.base(),
        programs.twinjar("twinjar"),
        programs.peer("tower-sessions", "tower-sessions"),
        programs.peer("tower-sessions, signed", "tower-sessions").with("SIGNED", "1"),
        programs.express("express-session"),
    ])
}

impl Contender {
    fn new(name: &'static str, program: PathBuf) -> Self {
        Self { name, program, arguments: Vec::new(), environment: Vec::new() }
    }

    /// The same with an environment variable.
    pub(in crate::bench) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    pub(in crate::bench) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn keeps_sessions(&self) -> bool {
        self.name != BASE
    }

    /// Starts the server on a free port and on its own core, and waits until it listens.
    pub(in crate::bench) fn start(&self) -> Result<Running> {
        self.start_with(&[])
    }

    /// The same with further environment variables.
    pub(super) fn start_with(&self, environment: &[(&str, &str)]) -> Result<Running> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", SERVER_CORE]).arg(&self.program).args(&self.arguments);
        command
            .env("PORT", port.to_string())
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {}", self.name))?;
        let mut running = Running { name: self.name, port, child };
        running.wait_until_it_listens()?;
        Ok(running)
    }
}

impl Running {
    pub(in crate::bench) fn name(&self) -> &'static str {
        self.name
    }

    pub(in crate::bench) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Cookies of that many new sessions. The server without sessions gets one that means nothing, so that its
    /// requests are as long as the others'.
    pub(in crate::bench) fn sessions(&self, count: usize) -> Result<Vec<String>> {
        if self.name == BASE {
            return Ok(vec![format!("session={}", "x".repeat(80)); count]);
        }
        (0..count).map(|_| self.session()).collect()
    }

    /// The cookie of a new session, as a request sends it.
    pub(super) fn session(&self) -> Result<String> {
        let url = self.url("/new");
        let head = curl(&["--dump-header", "-", "--output", "/dev/null", "--request", "POST", &url])
            .with_context(|| format!("{}: no answer", self.name))?;
        let cookies: Vec<&str> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .collect();
        ensure!(!cookies.is_empty(), "{}: a new session came without a cookie", self.name);
        Ok(cookies.join("; "))
    }

    /// The processor time spent so far.
    pub(in crate::bench) fn cpu(&self) -> Result<Cpu> {
        Cpu::of(self.child.id()).with_context(|| format!("{} has ended", self.name))
    }

    /// Lets the server finish.
    pub(in crate::bench) fn end(mut self) -> Result<()> {
        process::ask("kill", &["-TERM", &self.child.id().to_string()]).context("kill failed")?;
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "{} does not end", self.name);
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Resident memory in bytes.
    pub(super) fn memory(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS is not a number")?;
        Ok(kilobytes * 1024)
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = Path::new("/proc").join(self.child.id().to_string()).join(file);
        std::fs::read_to_string(&path).with_context(|| format!("{} has ended", self.name))
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended before it listened: {status}", self.name);
            }
            ensure!(Instant::now() < deadline, "{} does not listen after {PATIENCE:?}", self.name);
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

// Linux counts in hundredths of a second towards programs, on every architecture.
const TICKS_PER_SECOND: u32 = 100;

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Cpu {
    /// What a process has spent so far.
    pub(in crate::bench) fn of(process: impl Display) -> Result<Self> {
        Self::read(process, 11)
    }

    /// What those that it has started, and that have ended, have spent.
    pub(in crate::bench) fn of_ended_children(process: impl Display) -> Result<Self> {
        Self::read(process, 13)
    }

    pub(in crate::bench) fn sum(self) -> Duration {
        self.user + self.system
    }

    fn read(process: impl Display, place: usize) -> Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The program's name, in parentheses, may hold spaces; utime and stime are the 12th and 13th after it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let mut ticks = fields.split_whitespace().skip(place).map_while(|field| field.parse::<u32>().ok());
        let mut next = || ticks.next().map(|ticks| Duration::from_secs(1) * ticks / TICKS_PER_SECOND);
        match (next(), next()) {
            (Some(user), Some(system)) => Ok(Self { user, system }),
            _ => bail!("the processor time of process {process} cannot be read"),
        }
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }
}
