//! Counts the tests in what the runners print.

use std::fmt;
use std::ops::AddAssign;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process;

// Several times what the longest step takes on two cores, building included.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// One line of the summary.
pub(super) struct Row {
    pub(super) title: String,
    pub(super) count: Count,
    pub(super) elapsed: Duration,
    /// What the runners say of the tests that failed.
    pub(super) failures: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Row {
    /// Runs a test program as a step and counts its tests.
    pub(super) fn run(title: &str, command: &Command) -> Result<Self> {
        let ended = process::watch_for(title, command, LIMIT)?;
        let mut count = Count::read(&ended.output);
        // A run that did not get as far as a test, or that tested nothing, has failed.
        if count.failed == 0 && (!ended.success || count.passed == 0) {
            count.failed = 1;
            if ended.success {
                eprintln!("error: {title}: no test ran");
            }
        }
        let failures = failures(&ended.output);
        Ok(Self { title: title.to_owned(), count, elapsed: ended.elapsed, failures })
    }

    /// A step that could not run.
    pub(super) fn broken(title: String) -> Self {
        Self {
            title,
            count: Count { failed: 1, ..Count::default() },
            elapsed: Duration::ZERO,
            failures: String::new(),
        }
    }
}

impl Count {
    /// Sums every closing line of libtest and of Node's runner.
    fn read(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines() {
            if let Some(counts) = line.trim_start().strip_prefix("test result: ") {
                sum.passed += number_before(counts, " passed");
                sum.failed += number_before(counts, " failed");
                sum.skipped += number_before(counts, " ignored");
            } else if let Some(counts) = line.strip_prefix("# ").or_else(|| line.strip_prefix("\u{2139} ")) {
                sum.passed += number_after(counts, "pass ");
                sum.failed += number_after(counts, "fail ") + number_after(counts, "cancelled ");
                sum.skipped += number_after(counts, "skipped ") + number_after(counts, "todo ");
            }
        }
        sum
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The closing line: `12 passed, 0 failed`, and `, 1 skipped` where there is any.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The parts of libtest's and of Node's output that say why a test failed.
fn failures(output: &str) -> String {
    // Enough for the causes; a log that keeps its end only must still have room for them.
    const MOST: usize = 120;
    let (mut found, mut inside) = (Vec::new(), false);
    for line in output.lines() {
        inside = match line.trim() {
            "failures:" | "\u{2716} failing tests:" => true,
            // The Test Anything Protocol, which Node's runner speaks to programs.
            line if line.starts_with("not ok ") => true,
            line => inside && !line.starts_with("test result: ") && line != "...",
        };
        if inside {
            found.push(line);
        }
    }
    found.truncate(MOST);
    found.join("\n")
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
            # tests 8\n# pass 7\n# fail 1\n# skipped 2\n\u{2139} pass 20\n\u{2139} fail 0\n";
        let count = Count::read(output);
        assert_eq!(count, Count { passed: 39, failed: 4, skipped: 3 });
        assert_eq!(count.to_string(), "39 passed, 4 failed, 3 skipped");
    }

    #[test]
    fn what_failed_is_found_again() {
        let output = "running 2 tests\ntest a ... FAILED\n\nfailures:\n\n---- a stdout ----\nit broke\n\n\
            failures:\n    a\n\ntest result: FAILED. 1 passed; 1 failed\nrunning 0 tests\n\
            not ok 2 - b\n  ---\n  error: its reason\n  ...\nok 3 - running well\n";
        let found = failures(output);
        for expected in ["it broke", "    a", "its reason"] {
            assert!(found.contains(expected), "{expected} is not in {found}");
        }
        assert!(!found.contains("running"), "{found}");
        assert_eq!(failures("running 1 test\ntest result: ok. 1 passed; 0 failed\n"), "");
    }

    #[test]
    fn a_run_without_tests_fails() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo nothing here"]);
        let row = Row::run("a test of the tally", &command).expect("sh starts");
        assert_eq!(row.count.to_string(), "0 passed, 1 failed");
    }

    #[test]
    fn a_failing_run_without_a_closing_line_fails() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test result: ok. 5 passed; 0 failed'; exit 101"]);
        let row = Row::run("a test of the tally", &command).expect("sh starts");
        assert_eq!(row.count.to_string(), "5 passed, 1 failed");
    }
}
