//! The servers under test, each on a port of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::group::Group;

/// Names the demo server's program.
const DEMO_SERVER: &str = "TWINJAR_SERVER";

/// A server of one test alone, with an empty store in memory unless the test chooses another.
pub struct Server {
    origin: String,
    _group: Group,
}

impl Server {
    /// The demo server.
    #[must_use]
    pub fn demo() -> Self {
        Self::demo_with(&[])
    }

    /// The demo server with further arguments.
    #[must_use]
    pub fn demo_with(arguments: &[&str]) -> Self {
        let mut command = demo_server();
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        if !arguments.contains(&"--store") {
            command.args(["--store", "memory"]);
        }
        Self::start(&command, "twinjar demo: ")
    }

    /// The testbed of the server library, set up by environment variables.
    #[must_use]
    pub fn testbed(environment: &[(&str, &str)]) -> Self {
        let mut command = program("TWINJAR_TESTBED", "examples/testbed");
        command.env("PORT", "0").envs(environment.iter().copied());
        Self::start(&command, "testbed: ")
    }

    /// The demo server in Express mode, beside an Express application on one Redis, all behind one address: the
    /// comparison of both at `/`, the demo's page at `/index.html`, and the Express application below `/express`.
    ///
    /// # Panics
    ///
    /// Where the npm packages are not installed.
    #[must_use]
    pub fn express_demo() -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("express");
        let packages = project.join("node_modules");
        assert!(
            packages.is_dir(),
            "there is no {}: run `cargo xtask test --only browser`",
            packages.display()
        );
        let mut command = unset(Command::new("node"));
        command.arg(project.join("demo/demo.mjs")).env("PORT", "0");
        command.env(DEMO_SERVER, path(DEMO_SERVER, "twinjar-server"));
        Self::start(&command, "express-demo: ")
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The whole URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn start(command: &Command, announcement: &str) -> Self {
        let (group, origin) = Group::start(command, |line| {
            let url = line.strip_prefix(announcement)?;
            Some(url.trim_end_matches('/').to_owned())
        });
        Self { origin, _group: group }
    }
}

/// The demo server's program, the one that `TWINJAR_SERVER` names or that cargo built beside this test, with nothing of
/// the developer's own settings.
///
/// # Panics
///
/// Where there is none.
#[must_use]
pub fn demo_server() -> Command {
    program(DEMO_SERVER, "twinjar-server")
}

fn program(variable: &str, built: &str) -> Command {
    unset(Command::new(path(variable, built)))
}

/// The command without what the developer has set for a server of their own, which is no part of a test.
fn unset(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("TWINJAR_")) {
            command.env_remove(name);
        }
    }
    command
}

fn path(variable: &str, built: &str) -> PathBuf {
    if let Some(program) = std::env::var_os(variable) {
        return program.into();
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let program = test.ancestors().nth(2).expect("tests are in target/PROFILE/deps").join(built);
    assert!(program.is_file(), "{} is not built: run `cargo xtask test --only browser`", program.display());
    program
}
