//! One line for each long step: what runs, what it says last, how long it took.
//!
//! On a terminal the line is alive; elsewhere a step prints one line when it starts and one when it ends.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(250);

/// A running step. Dropped without [`Step::done`], it is shown as failed.
pub(crate) struct Step {
    title: String,
    started: Instant,
    live: Option<Live>,
    closed: bool,
}

struct Live {
    news: Sender<String>,
    painter: JoinHandle<()>,
}

impl Step {
    /// Says that a step starts.
    pub(crate) fn start(title: impl Into<String>) -> Self {
        let title = title.into();
        let started = Instant::now();
        let live = if std::io::stderr().is_terminal() {
            Some(Live::paint(title.clone(), started))
        } else {
            eprintln!("{title} ...");
            None
        };
        Self { title, started, live, closed: false }
    }

    /// Shows a line that the step's program printed.
    pub(crate) fn note(&self, line: &str) {
        if let Some(live) = &self.live {
            let _ = live.news.send(line.to_owned());
        }
    }

    /// Says that the step ended well, and gives how long it took.
    pub(crate) fn done(mut self) -> Duration {
        self.close("done")
    }

    /// Says that the step failed, and gives how long it took.
    pub(crate) fn failed(mut self) -> Duration {
        self.close("FAILED")
    }

    fn close(&mut self, outcome: &str) -> Duration {
        self.closed = true;
        let elapsed = self.started.elapsed();
        if let Some(live) = self.live.take() {
            drop(live.news);
            let _ = live.painter.join();
        }
        eprintln!("{}: {outcome} in {}", self.title, seconds(elapsed));
        elapsed
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.closed {
            self.close("FAILED");
        }
    }
}

impl Live {
    fn paint(title: String, started: Instant) -> Self {
        let (news, inbox) = mpsc::channel::<String>();
        let painter = std::thread::spawn(move || {
            let mut last = String::new();
            loop {
                let line = format!("{title} {} {last}", seconds(started.elapsed()));
                let shown: String = line.chars().take(width()).collect();
                eprint!("\r\x1b[2K{shown}");
                let _ = std::io::stderr().flush();
                match inbox.recv_timeout(TICK) {
                    Ok(line) => last = inbox.try_iter().last().unwrap_or(line),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            eprint!("\r\x1b[2K");
        });
        Self { news, painter }
    }
}

/// Seconds with one decimal, minutes where there are any.
pub(crate) fn seconds(elapsed: Duration) -> String {
    let tenths = elapsed.as_millis() / 100;
    if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{} min {} s", tenths / 600, tenths % 600 / 10)
    }
}

// A narrower terminal only wraps the line; std does not tell the real width.
fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(79)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_is_short() {
        assert_eq!(seconds(Duration::from_millis(149)), "0.1 s");
        assert_eq!(seconds(Duration::from_millis(59_990)), "59.9 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
