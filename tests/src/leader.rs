//! A shell that leads a program's process group, so that nothing of it is ever left behind.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

// The shell waits for its standard input to end, which it does when the guard of its process drops it, and also when the
// test is killed. Then the shell kills its group.
const LEADER: &str = r#""$@" & exec >/dev/null 2>&1; read -r _; kill -KILL 0"#;

/// The same command below such a shell. What is to be read of it must be piped by the caller.
pub(crate) fn led(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", LEADER, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell.process_group(0).stdin(Stdio::piped());
    shell
}
