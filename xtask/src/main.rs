//! The repository's own commands: `cargo xtask --help` lists them.
//!
//! Each subcommand is a module; `process` and `progress` run the steps, `provision` sees to the tools they need.

mod bench;
mod ci;
mod demo;
mod express_demo;
mod process;
mod progress;
mod provision;
mod test;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests twinjar.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the browser package and starts the demo server.
    Demo(demo::Options),
    /// Starts an Express application and a twinjar server on one Redis, behind one address.
    ExpressDemo(express_demo::Options),
    /// Runs every test: Rust, browser, Node.js, end to end.
    Test(test::Options),
    /// Builds the browser package into www/pkg.
    Wasm,
    /// Formats every Rust file in place.
    Fmt,
    /// Checks formatting, lints and documentation, without the tests.
    Lint,
    /// What a change must pass: `lint`, then `test`.
    Ci(test::Options),
    /// Measures, and prints the numbers that the documentation gives.
    #[command(subcommand)]
    Bench(bench::Suite),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::ExpressDemo(options) => express_demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Wasm => wasm::build(),
        Command::Fmt => ci::format(),
        Command::Lint => ci::lint(),
        Command::Bench(suite) => bench::run(&suite),
        Command::Ci(options) => ci::lint().and_then(|()| test::run(&options)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
