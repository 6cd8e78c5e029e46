//! A PostgreSQL of a test's own, on a free port. It needs nothing of this crate but `leader.rs` and `port.rs`: other
//! tests and benchmarks include the file.

#[path = "leader.rs"]
pub(crate) mod leader;
#[path = "port.rs"]
#[allow(clippy::duplicate_mod, reason = "each server has ports of its own")]
mod port;

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use self::leader::led;
use self::port::free_port;

const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server that is not there may be on its way.
const SECOND_TRY: Duration = Duration::from_secs(3);

/// A running server with an empty database `postgres`, gone with all that it holds when it is dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    /// Of the user that the server runs as, where that is not this one: it refuses to run as root.
    user: Option<(u32, u32)>,
    folder: TempDir,
    options: Vec<String>,
    password: Option<String>,
    port: u16,
    leader: Option<Child>,
}

impl Postgres {
    /// A server with further settings, `name=value` each, that lets everybody in.
    #[must_use]
    pub fn start(options: &[&str]) -> Self {
        Self::create(options, None)
    }

    /// A server that asks its user `postgres` for a password.
    #[must_use]
    pub fn start_with_password(password: &str, options: &[&str]) -> Self {
        Self::create(options, Some(password.to_owned()))
    }

    /// The address of its database.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.password {
            None => format!("postgres://postgres@127.0.0.1:{}/postgres", self.port),
            Some(password) => format!("postgres://postgres:{password}@127.0.0.1:{}/postgres", self.port),
        }
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A folder for further files of the server's.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives a file to the user that the server runs as.
    pub fn give(&self, file: &Path) {
        if let Some((user, group)) = self.user {
            chown(file, Some(user), Some(group)).expect("root may give files away");
        }
    }

    /// What `psql` answers to a statement.
    #[must_use]
    pub fn sql(&self, statement: &str) -> String {
        self.sql_in("postgres", statement)
    }

    /// The same in another database.
    #[must_use]
    pub fn sql_in(&self, database: &str, statement: &str) -> String {
        let url = format!("{}{database}", self.url().trim_end_matches("postgres"));
        let arguments = ["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, &url];
        let output = Command::new(self.programs.join("psql")).args(arguments).output();
        let output = said("psql", &output.expect("psql is there"));
        output.trim().to_owned()
    }

    /// SIGKILL to the server and all its processes.
    pub fn kill(&mut self) {
        let processes = self.processes();
        for &process in &processes {
            // What has ended by itself meanwhile is as dead.
            let _ = send(process, Signal::KILL);
        }
        self.end(&processes);
    }

    /// The same server once more, with what it has kept on disk.
    pub fn restart(&mut self) {
        self.end(&self.processes());
        self.run();
    }

    /// Sends a signal to the server and all its processes.
    ///
    /// # Panics
    ///
    /// Where the server does not run.
    pub fn signal(&self, signal: Signal) {
        let processes = self.processes();
        assert!(!processes.is_empty(), "PostgreSQL does not run");
        for process in processes {
            match send(process, signal) {
                Ok(()) | Err(Errno::SRCH) => {}
                Err(error) => panic!("process {process} of PostgreSQL: {error}"),
            }
        }
    }

    fn create(options: &[&str], password: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let user = ordinary_user();
        let options = options.iter().map(ToString::to_string).collect();
        let port = free_port();
        let mut server = Self { programs: programs(), user, folder, options, password, port, leader: None };
        server.give(server.folder.path());
        server.initialize();
        server.run();
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn initialize(&self) {
        let mut initdb = self.command("initdb");
        initdb.args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"]);
        initdb.arg(self.data());
        match &self.password {
            None => initdb.arg("--auth=trust"),
            Some(password) => {
                let file = self.folder.path().join("password");
                let written =
                    std::fs::File::create(&file).and_then(|mut to| to.write_all(password.as_bytes()));
                written.expect("a file can be written");
                self.give(&file);
                initdb.args(["--auth=scram-sha-256", "--pwfile"]).arg(file)
            }
        };
        said("initdb", &initdb.output().expect("initdb is there"));
    }

    fn run(&mut self) {
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        postgres.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        for option in &self.options {
            postgres.args(["-c", option]);
        }
        let log = std::fs::File::create(self.folder.path().join("log")).expect("a file can be written");
        postgres.current_dir(self.folder.path());
        let mut shell = led(&postgres);
        shell.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        let give_up = Instant::now() + PATIENCE;
        let mut begun = Instant::now();
        self.leader = Some(shell.spawn().expect("sh can be started"));
        while !self.answers() {
            // After a kill it refuses to start for as long as a process of the last run is still going down.
            if begun.elapsed() > SECOND_TRY && self.server().is_none() {
                self.end(&[]);
                begun = Instant::now();
                self.leader = Some(shell.spawn().expect("sh can be started"));
            }
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < give_up, "PostgreSQL does not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let mut ready = Command::new(self.programs.join("pg_isready"));
        ready.args(["--quiet", "--host=127.0.0.1", "--port", &self.port.to_string()]);
        ready.status().is_ok_and(|status| status.success())
    }

    /// Waits until the shell has ended, and these processes of the server.
    fn end(&mut self, processes: &[i32]) {
        if let Some(mut leader) = self.leader.take() {
            drop(leader.stdin.take());
            let _ = leader.wait();
        }
        let give_up = Instant::now() + PATIENCE;
        while processes.iter().any(|&process| is_alive(process)) && Instant::now() < give_up {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The server, then those that it has started: it would replace what ends before it.
    #[must_use]
    pub fn processes(&self) -> Vec<i32> {
        self.server()
            .into_iter()
            .flat_map(|server| std::iter::once(server).chain(children_of(server)))
            .collect()
    }

    /// The process that has started all others, while it lives: after a kill the file still names it.
    fn server(&self) -> Option<i32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok().filter(|&process| is_alive(process))
    }

    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let Some((user, group)) = self.user else { return Command::new(path) };
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]).arg(path);
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGKILL ends what stands still, too.
        self.kill();
    }
}

/// Where `initdb` is: Debian keeps it off the search path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let debian =
        versions.map(|version| version.path().join("bin")).filter(|path| path.join("initdb").is_file());
    let elsewhere = std::env::var_os("PATH").unwrap_or_default();
    let elsewhere = std::env::split_paths(&elsewhere).find(|path| path.join("initdb").is_file());
    debian.max_by_key(version).or(elsewhere).expect("PostgreSQL is not installed: apt-get install postgresql")
}

/// User and group to become, where this is root.
fn ordinary_user() -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").expect("this is Linux").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("users are known");
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("there is a user that is not root"))
}

fn send(process: i32, signal: Signal) -> Result<(), Errno> {
    kill_process(Pid::from_raw(process).ok_or(Errno::SRCH)?, signal)
}

fn children_of(process: i32) -> impl Iterator<Item = i32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    processes.filter(move |&child| stat(child).and_then(|stat| stat.1.parse().ok()) == Some(process))
}

fn is_alive(process: i32) -> bool {
    stat(process).is_some_and(|(state, _)| state != "Z")
}

/// State and parent of a process. The name before them, in parentheses, may hold spaces.
fn stat(process: i32) -> Option<(String, String)> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned);
    Some((fields.next()?, fields.next()?))
}

fn said(program: &str, output: &Output) -> String {
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
