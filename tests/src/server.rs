//! The demo server, on a port of its own.

use std::path::PathBuf;
use std::process::Command;

use crate::group::Group;

/// A demo server of this test alone, with an empty store in memory.
pub struct DemoServer {
    origin: String,
    _group: Group,
}

impl DemoServer {
    /// Starts the server on a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts the server with further arguments.
    #[must_use]
    pub fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(demo_server());
        command.args(["--listen", "127.0.0.1:0", "--store", "memory"]).args(arguments);
        for (name, _) in std::env::vars_os() {
            // What the developer set for a server of their own is no part of a test.
            if name.to_str().is_some_and(|name| name.starts_with("TWINJAR_")) {
                command.env_remove(name);
            }
        }
        let (group, origin) = Group::start(&command, |line| {
            let url = line.split_once("twinjar demo: ")?.1;
            Some(url.trim_end_matches('/').to_owned())
        });
        Self { origin, _group: group }
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
}

/// The demo server's program: the one that `TWINJAR_SERVER` names, or the one that cargo built beside this test.
///
/// # Panics
///
/// Where there is none.
#[must_use]
pub fn demo_server() -> PathBuf {
    if let Some(binary) = std::env::var_os("TWINJAR_SERVER") {
        return binary.into();
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let binary = test.ancestors().nth(2).expect("tests are in target/PROFILE/deps").join("twinjar-server");
    assert!(binary.is_file(), "the demo server is not built: run `cargo xtask test --only browser`");
    binary
}
