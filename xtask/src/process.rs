//! Runs programs as steps: their output is kept back, and shown where they fail.

mod leash;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::leash::Leash;
use crate::progress::{Step, seconds};
use crate::workspace;

/// How a step's program ended.
pub(crate) struct Ended {
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// Standard output and standard error in the order they were written.
    pub(crate) output: String,
    pub(crate) elapsed: Duration,
}

/// Runs a program as a step of the given title; its failure is an error, after its output was shown.
pub(crate) fn run(title: &str, command: Command) -> Result<String> {
    let ended = watch(title, command)?;
    if !ended.success {
        bail!("{title}: failed");
    }
    Ok(ended.output)
}

/// Runs a program as a step and reports how it ended; the output is shown where it failed.
pub(crate) fn watch(title: &str, mut command: Command) -> Result<Ended> {
    command.stdin(Stdio::null());
    follow(title, command, |_| None)
}

/// The same for a program that may hang: with all it has started it is ended after `limit`, or with this program.
pub(crate) fn watch_for(title: &str, command: &Command, limit: Duration) -> Result<Ended> {
    follow(title, leash::guarded(command), |child| Leash::hold(child, limit))
}

fn follow(
    title: &str,
    mut command: Command,
    hold: impl FnOnce(&mut Child) -> Option<Leash>,
) -> Result<Ended> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let step = Step::start(title);
    let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
    let leash = hold(&mut child);
    // The command holds the pipe's writing end; the output ends only when it is gone.
    drop(command);

    let mut output = Vec::new();
    let mut reader = BufReader::new(reader);
    let mut start = 0;
    while reader.read_until(b'\n', &mut output)? > 0 {
        let line = String::from_utf8_lossy(&output[start..]);
        let line = line.trim();
        if !line.is_empty() {
            step.note(line);
        }
        start = output.len();
    }
    let success = child.wait()?.success();
    let expired = leash.and_then(Leash::release);
    let elapsed = if success { step.done() } else { step.failed() };
    let output = String::from_utf8_lossy(&output).into_owned();
    if !success {
        eprintln!("{}", output.trim_end());
    }
    if let Some(limit) = expired {
        eprintln!("error: {title}: ended after {}, the limit of a step", seconds(limit));
    }
    Ok(Ended { success, output, elapsed })
}

/// Runs a program in the foreground: what it prints is what the user wants to see.
pub(crate) fn show(mut command: Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{program}: {status}");
    }
    Ok(())
}

/// Runs a program silently and gives what it printed to standard output; `None` where it is missing or fails.
pub(crate) fn ask(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that started this program, in the repository's root, with arguments as one would type them.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root()).args(arguments.split_whitespace());
    // Set for this program by `cargo run`; a build script of another crate must not see them.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rustix::process::{Pid, test_kill_process};

    use super::*;

    #[test]
    fn both_streams_are_kept_in_order() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let ended = watch("a test of the runner", command).expect("sh starts");
        assert!(!ended.success);
        assert_eq!(ended.output, "one\ntwo\nthree\n");
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo child $!; wait"]);
        // A busy machine may need longer until it has come to the hanging.
        let child = (0..8).find_map(|doublings| {
            let limit = Duration::from_millis(200 << doublings);
            let ended = watch_for("a test of the limit", &command, limit).expect("sh starts");
            assert!(!ended.success);
            ended.output.trim().strip_prefix("child ")?.parse().ok()
        });
        let child = Pid::from_raw(child.expect("the output up to then is kept")).expect("a process");
        let deadline = Instant::now() + Duration::from_secs(5);
        while test_kill_process(child).is_ok() {
            assert!(Instant::now() < deadline, "process {child:?} still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_guarded_program_keeps_its_exit_code_and_folder() {
        let mut command = Command::new("sh");
        command.args(["-c", "pwd; echo $GUARDED; exit 3"]).current_dir("/").env("GUARDED", "yes");
        let ended = watch_for("a test of the limit", &command, Duration::from_secs(60)).expect("sh starts");
        assert_eq!((ended.success, ended.output.as_str()), (false, "/\nyes\n"));
        let ended = watch_for("a test of the limit", &Command::new("true"), Duration::from_secs(60));
        assert!(ended.expect("sh starts").success);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error =
            run("a test of the runner", Command::new("twinjar-no-such-program")).expect_err("there is none");
        assert!(format!("{error:#}").contains("cannot start twinjar-no-such-program"));
    }
}
