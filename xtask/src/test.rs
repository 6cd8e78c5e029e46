//! `cargo xtask test`: every test of the repository, one step a kind, and a summary.

mod browser;
mod express;
mod fuzz;
mod host;
mod node;
mod tally;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::progress;
use tally::{Count, Row};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs this step alone; may be repeated.
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Kind>,
    /// How long each fuzz target runs; CI gives each a minute.
    #[arg(long, env = "TWINJAR_FUZZ_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    fuzz_seconds: u32,
}

/// A kind of test.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Unit, integration and documentation tests of the crates, on this machine.
    Host,
    /// The browser package's own tests, in headless Chromium and Firefox.
    Wasm,
    /// The projects of tests/node: the package in Node.js, and comparisons with npm packages.
    Node,
    /// The project of tests/express: an Express application beside the server library, on one Redis.
    Express,
    /// The demo page and server, driven as a person would, in headless Chromium and Firefox and over plain HTTP.
    Browser,
    /// The fuzz targets of the formats, for a short time each.
    Fuzz,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut rows = Vec::new();
    for kind in Kind::value_variants() {
        if options.only.is_empty() || options.only.contains(kind) {
            rows.extend(kind.run(options));
        }
    }
    // Once more, where they are found: the steps after the one that failed have printed much.
    for row in rows.iter().filter(|row| !row.failures.is_empty()) {
        println!("\n{}\n{}", row.title, row.failures);
    }
    let mut sum = Count::default();
    println!("\nSummary");
    for row in &rows {
        println!("  {:<28} {:>12}  {}", row.title, progress::seconds(row.elapsed), row.count);
        sum += row.count;
    }
    println!("\n{sum}");
    if sum.failed > 0 {
        bail!("some tests failed");
    }
    Ok(())
}

impl Kind {
    /// Runs the step. What keeps it from running is a failure of the step, and later steps still run.
    fn run(self, options: &Options) -> Vec<Row> {
        let rows = match self {
            Self::Host => host::run(),
            Self::Wasm => browser::unit(),
            Self::Node => node::run(),
            Self::Express => express::run(),
            Self::Browser => browser::end_to_end(),
            Self::Fuzz => fuzz::run(options.fuzz_seconds),
        };
        rows.unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            let name = self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
            vec![Row::broken(name)]
        })
    }
}
