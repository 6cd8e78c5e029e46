//! How far a long run has come: a line that is rewritten where a person looks on, else a line now and then.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const SAID_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Progress {
    verb: &'static str,
    count: u64,
    bar: ProgressBar,
    said: Instant,
}

impl Progress {
    /// `verb` as in "120 exported".
    pub(super) fn start(verb: &'static str) -> Self {
        Self::show(verb, ProgressBar::new_spinner(), "{spinner} {msg}, {elapsed}")
    }

    /// Of a run through so many bytes.
    pub(super) fn through(verb: &'static str, bytes: u64) -> Self {
        Self::show(verb, ProgressBar::new(bytes), "{bar:30} {percent:>3} %, {msg}, {elapsed}, {eta} left")
    }

    fn show(verb: &'static str, bar: ProgressBar, template: &str) -> Self {
        let style = ProgressStyle::with_template(template);
        let bar = style.map(|style| bar.clone().with_style(style)).unwrap_or(bar);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { verb, count: 0, bar, said: Instant::now() }
    }

    pub(super) fn add(&mut self, count: u64) {
        self.add_of(count, 0);
    }

    /// The same, and how many bytes that were.
    pub(super) fn add_of(&mut self, count: u64, bytes: u64) {
        self.count += count;
        self.bar.inc(bytes);
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{} {}", self.count, self.verb));
        } else if self.said.elapsed() >= SAID_EVERY {
            eprintln!("{} {}", self.count, self.verb);
            self.said = Instant::now();
        }
    }

    /// The count, after the line is gone.
    pub(super) fn finish(self) -> u64 {
        self.bar.finish_and_clear();
        self.count
    }
}
