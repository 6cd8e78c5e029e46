//! One line for each long step: what runs, what it says last, how long it took.
//!
//! On a terminal the line is alive; elsewhere a step prints one line when it starts, one when it ends, and one a minute
//! between.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(250);
const MINUTE: Duration = Duration::from_secs(60);

/// A running step. Dropped without [`Step::done`], it is shown as failed.
pub(crate) struct Step {
    title: String,
    started: Instant,
    live: Option<Live>,
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
        let (news, inbox) = mpsc::channel();
        let shown = title.clone();
        let painter = if std::io::stderr().is_terminal() {
            std::thread::spawn(move || paint(&shown, started, &inbox))
        } else {
            eprintln!("{title} ...");
            std::thread::spawn(move || report(&shown, started, &inbox))
        };
        Self { title, started, live: Some(Live { news, painter }) }
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
        let elapsed = self.started.elapsed();
        if let Some(live) = self.live.take() {
            drop(live.news);
            let _ = live.painter.join();
            eprintln!("{}: {outcome} in {}", self.title, seconds(elapsed));
        }
        elapsed
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.close("FAILED");
    }
}

/// Keeps one line of a terminal up to date, and clears it in the end.
fn paint(title: &str, started: Instant, inbox: &Receiver<String>) {
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
}

/// Says once a minute where a step is, so that a log shows what hangs.
fn report(title: &str, started: Instant, inbox: &Receiver<String>) {
    let mut last = String::new();
    let mut due = started + MINUTE;
    loop {
        match inbox.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(line) => last = line,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("{title}: {} so far, last: {last}", seconds(started.elapsed()));
                due += MINUTE;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
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
