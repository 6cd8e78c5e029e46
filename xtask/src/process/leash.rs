//! Keeps a program, and all that it starts, from outliving a limit or this program.

use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

// The shell leads a process group. Its standard input ends when the leash is dropped, and also when this program is
// killed or interrupted; then a watcher kills the group.
const GUARD: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
(exec >/dev/null 2>&1; read -r _ <&3; kill -KILL 0) &
wait %1
"#;

/// The end of the pipe that keeps a guarded program alive.
pub(super) struct Leash {
    done: Sender<()>,
    watchdog: JoinHandle<bool>,
    limit: Duration,
}

/// The same command, in a process group of its own that ends with its standard input.
pub(super) fn guarded(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", GUARD, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    shell.stdin(Stdio::piped());
    shell
}

impl Leash {
    /// Holds a program that was started by a [`guarded`] command.
    pub(super) fn hold(child: &mut Child, limit: Duration) -> Option<Self> {
        let input: ChildStdin = child.stdin.take()?;
        let (done, waiting) = mpsc::channel();
        let watchdog = std::thread::spawn(move || {
            let expired = waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            drop(input);
            expired
        });
        Some(Self { done, watchdog, limit })
    }

    /// Lets go of a program that has ended. `Some` is the limit that ended it.
    pub(super) fn release(self) -> Option<Duration> {
        drop(self.done);
        self.watchdog.join().is_ok_and(|expired| expired).then_some(self.limit)
    }
}
