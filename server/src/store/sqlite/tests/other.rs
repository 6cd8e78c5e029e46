//! Other processes: this test program again. A test that finds its role in the environment plays it instead.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::place::Place;
use crate::store::SqliteStore;

/// The database, for a program in a role.
const ROLE: &str = "TWINJAR_TEST_SQLITE_FILE";

/// This program again, running one test in its role. Killed with the test.
pub(super) struct Other(Child);

impl Other {
    /// The module is the test's `module_path!()`.
    pub(super) fn start(module: &str, test: &str, place: &Place) -> Self {
        Self::start_under(&[], module, test, place)
    }

    /// As a command does that is given the program and its arguments.
    pub(super) fn start_under(command: &[&str], module: &str, test: &str, place: &Place) -> Self {
        let program = std::env::current_exe().unwrap();
        let name = format!("{}::{test}", module.split_once("::").unwrap().1);
        let mut command = match command {
            [] => Command::new(program),
            [outer, arguments @ ..] => {
                let mut command = Command::new(outer);
                command.args(arguments).arg(program);
                command
            }
        };
        command.args(["--exact", &name, "--nocapture", "--test-threads=1"]).env(ROLE, place.file());
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// SIGKILL on Unix: the process gets no chance to finish anything.
    pub(super) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// It stands still, with all that it holds.
    #[cfg(unix)]
    pub(super) fn stop(&self) {
        let stopped = Command::new("kill").args(["-STOP", &self.0.id().to_string()]).status().unwrap();
        assert!(stopped.success());
    }

    pub(super) fn succeed(mut self) {
        let mut output = String::new();
        self.0.stdout.as_mut().unwrap().read_to_string(&mut output).unwrap();
        assert!(self.0.wait().unwrap().success(), "{output}");
    }

    /// What it says from now on, until it ends.
    pub(super) fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map_while(Result::ok)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file of a program in a role.
pub(super) fn role_file() -> Option<PathBuf> {
    std::env::var_os(ROLE).map(PathBuf::from)
}

/// A store on it.
pub(super) fn role() -> Option<SqliteStore> {
    role_file().map(|file| SqliteStore::open(Path::new(&file)).unwrap())
}
