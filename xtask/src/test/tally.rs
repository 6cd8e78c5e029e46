//! Counts the tests in what the runners print.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process;

/// One line of the summary.
pub(super) struct Row {
    pub(super) title: String,
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) elapsed: Duration,
}

impl Row {
    /// Runs a test program as a step and counts its tests.
    pub(super) fn run(title: &str, command: Command) -> Result<Self> {
        let ended = process::watch(title, command)?;
        let (passed, mut failed) = count(&ended.output);
        // A run that did not get as far as a test, or that tested nothing, has failed.
        if failed == 0 && (!ended.success || passed == 0) {
            failed = 1;
            if ended.success {
                eprintln!("error: {title}: no test ran");
            }
        }
        Ok(Self { title: title.to_owned(), passed, failed, elapsed: ended.elapsed })
    }

    /// A step that could not run.
    pub(super) fn broken(title: String) -> Self {
        Self { title, passed: 0, failed: 1, elapsed: Duration::ZERO }
    }

    pub(super) fn tests(&self) -> u64 {
        self.passed + self.failed
    }
}

/// Passed and failed tests, summed over every closing line of libtest and of Node's runner.
fn count(output: &str) -> (u64, u64) {
    let mut passed = 0;
    let mut failed = 0;
    for line in output.lines() {
        if let Some(counts) = line.trim_start().strip_prefix("test result: ") {
            passed += number_before(counts, " passed");
            failed += number_before(counts, " failed");
        } else if let Some(counts) = line.strip_prefix("# ").or_else(|| line.strip_prefix("\u{2139} ")) {
            passed += number_after(counts, "pass ");
            failed += number_after(counts, "fail ");
        }
    }
    (passed, failed)
}

fn number_before(text: &str, word: &str) -> u64 {
    let before = text.split_once(word).map_or("", |(before, _)| before);
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn number_after(text: &str, word: &str) -> u64 {
    text.strip_prefix(word).and_then(|digits| digits.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 10 passed; 3 failed; 0 ignored\n\
            # tests 8\n# pass 7\n# fail 1\n\u{2139} pass 20\n\u{2139} fail 0\n";
        assert_eq!(count(output), (39, 4));
    }

    #[test]
    fn a_run_without_tests_fails() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo nothing here"]);
        let row = Row::run("a test of the tally", command).expect("sh starts");
        assert_eq!((row.passed, row.failed), (0, 1));
    }

    #[test]
    fn a_failing_run_without_a_closing_line_fails() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test result: ok. 5 passed; 0 failed'; exit 101"]);
        let row = Row::run("a test of the tally", command).expect("sh starts");
        assert_eq!((row.passed, row.failed), (5, 1));
    }
}
