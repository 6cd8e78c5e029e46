//! One load of wrk on one route.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// Threads of the client, each with sessions of its own.
pub(in crate::bench) const THREADS: usize = 4;

pub(in crate::bench) const CLIENT_CORE: &str = "1";

pub(in crate::bench) struct Load<'a> {
    pub(in crate::bench) seconds: u32,
    pub(in crate::bench) connections: u32,
    /// A Cookie header for each session, at least one for each thread; or none.
    pub(in crate::bench) cookies: &'a [String],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) struct Outcome {
    pub(in crate::bench) requests: u64,
    pub(in crate::bench) elapsed: Duration,
    pub(in crate::bench) median: Duration,
    pub(in crate::bench) p99: Duration,
}

impl Load<'_> {
    pub(in crate::bench) fn run(&self, method: &str, url: &str) -> Result<Outcome> {
        let output = Command::new("taskset")
            .args(["--cpu-list", CLIENT_CORE, "wrk"])
            .arg(format!("--threads={THREADS}"))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={}s", self.seconds))
            // A slow answer is one.
            .arg("--timeout=30s")
            .arg("--script")
            .arg(workspace::path("xtask/src/bench/server/load.lua"))
            .args([url, "--", method, &THREADS.to_string()])
            .args(self.cookies)
            .output()
            .context("cannot start wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        parse(&text)
            .with_context(|| format!("{method} {url}: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn parse(text: &str) -> Result<Outcome> {
    let line = text.lines().find_map(|line| line.strip_prefix("load: ")).context("wrk did not report")?;
    let words: Vec<&str> = line.split(' ').collect();
    let number = |name: &str| -> Result<u64> {
        let place = words.iter().position(|word| *word == name).with_context(|| format!("no {name}"))?;
        words
            .get(place + 1)
            .and_then(|word| word.parse().ok())
            .with_context(|| format!("{name} is no number"))
    };
    let errors = number("errors")?;
    ensure!(errors == 0, "{errors} requests failed");
    Ok(Outcome {
        requests: number("requests")?,
        elapsed: Duration::from_micros(number("microseconds")?),
        median: Duration::from_micros(number("p50")?),
        p99: Duration::from_micros(number("p99")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let text = "Running 1s test\nload: requests 12345 errors 0 microseconds 1000500 p50 210 p99 900\n";
        let outcome = parse(text).expect("a report");
        assert_eq!(outcome.requests, 12345);
        assert_eq!(outcome.elapsed, Duration::from_micros(1_000_500));
        assert_eq!((outcome.median, outcome.p99), (Duration::from_micros(210), Duration::from_micros(900)));
    }

    #[test]
    fn failed_requests_spoil_a_load() {
        let error = parse("load: requests 5 errors 2 microseconds 1 p50 1 p99 1").expect_err("two failed");
        assert_eq!(error.to_string(), "2 requests failed");
    }
}
