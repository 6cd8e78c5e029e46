//! How far a long run has come: a line that is rewritten where a person looks on, else a line now and then.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const SAID_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Progress {
    verb: &'static str,
    bar: ProgressBar,
    said: Instant,
}

impl Progress {
    /// `verb` as in "120 exported".
    pub(super) fn start(verb: &'static str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}, {elapsed}");
        let bar = ProgressBar::new_spinner().with_message(verb);
        let bar = style.map(|style| bar.clone().with_style(style)).unwrap_or(bar);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { verb, bar, said: Instant::now() }
    }

    pub(super) fn add(&mut self, count: u64) {
        self.bar.inc(count);
        if self.bar.is_hidden() && self.said.elapsed() >= SAID_EVERY {
            eprintln!("{} {}", self.bar.position(), self.verb);
            self.said = Instant::now();
        }
    }

    /// The count, after the line is gone.
    pub(super) fn finish(self) -> u64 {
        self.bar.finish_and_clear();
        self.bar.position()
    }
}
