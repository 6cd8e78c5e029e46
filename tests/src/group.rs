//! A child process together with all it starts, which never outlives the test.

use std::io::{BufRead, BufReader, PipeReader};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::postgres::leader::led;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running program; dropping it kills its whole process group.
pub(crate) struct Group {
    leader: Child,
}

impl Group {
    /// Starts a program and waits for the line of its output in which `ready` finds what it looks for.
    pub(crate) fn start<T>(command: &Command, ready: impl Fn(&str) -> Option<T>) -> (Self, T) {
        let program = command.get_program().to_string_lossy().into_owned();
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        let mut shell = led(command);
        shell.stdout(writer.try_clone().expect("a pipe can be shared")).stderr(writer);
        let leader = shell.spawn().expect("sh can be started");
        // The command holds the pipe's writing end; the output ends only when it is gone.
        drop(shell);
        let group = Self { leader };
        let found = wait_for(&program, &lines(reader), ready);
        (group, found)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.leader.stdin.take());
        let _ = self.leader.wait();
    }
}

/// Reads on until the program ends, so that a full pipe never stops it.
fn lines(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let _ = sender.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    });
    receiver
}

fn wait_for<T>(program: &str, lines: &Receiver<String>, ready: impl Fn(&str) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut said = String::new();
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some(found) = ready(&line) {
                    return found;
                }
                said.push_str(&line);
                said.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {
                panic!("{program} was not ready after {PATIENCE:?}; it said:\n{said}")
            }
            Err(RecvTimeoutError::Disconnected) => {
                panic!("{program} ended before it was ready; it said:\n{said}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        command
    }

    #[test]
    fn grandchildren_end_with_the_group() {
        let script = script("sleep 1000 & echo pid $!; wait");
        let (group, pid) = Group::start(&script, |line| line.strip_prefix("pid ").map(str::to_owned));
        let alive = || std::path::Path::new("/proc").join(&pid).exists();
        assert!(alive());
        drop(group);
        let deadline = Instant::now() + PATIENCE;
        while alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!alive(), "process {pid} outlived its group");
    }

    #[test]
    #[should_panic(expected = "ended before it was ready; it said:\nno port left")]
    fn an_early_end_is_told_with_the_reason() {
        Group::start(&script("echo no port left >&2; exit 1"), |line| line.strip_prefix("ready").map(|_| ()));
    }
}
