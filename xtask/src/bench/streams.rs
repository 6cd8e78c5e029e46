//! Open event streams beside ordinary requests: how much memory they take, and how many requests are still served.
//!
//! Server and client have a core each. Loads without streams and with them take turns, the ratio is taken within a
//! round, then the median of the rounds.

mod client;
mod server;

use anyhow::{Result, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use self::client::Visitors;
use self::server::Server;
use super::server::load::{Load, Outcome, THREADS};
use crate::progress::Step;
use crate::{process, provision};

/// What is asked of the server, by some of the sessions that are watched.
const PATH: &str = "/api/session";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many streams are open, each of a session of its own.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    streams: u32,
    /// How often both loads are taken.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each load lasts.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        bail!("server and client need a core each, and this machine has one");
    }
    provision::require([provision::TASKSET, provision::WRK])?;
    let mut build = process::cargo("build --release --package twinjar-server --bin twinjar-server");
    build.args(["--features", "demo"]);
    process::run("Building the demo server", build)?;
    // The server inherits it. Besides the streams there are files, libraries and the load's connections.
    allow_files(u64::from(options.streams) + 1000)?;

    let server = Server::start(options.streams + 500)?;
    let step = Step::start(format!("Beginning {} sessions", options.streams));
    let visitors = Visitors::begin(server.address(), options.streams)?;
    step.done();
    let quiet = server.memory()?;
    let load = Load { seconds: options.seconds, connections: 32, cookies: &visitors.cookies()[..THREADS] };
    let url = server.url(PATH);
    let (mut rounds, mut peak) = (Vec::new(), 0);
    for round in 1..=options.rounds {
        let step = Step::start(format!("Round {round} of {}", options.rounds));
        let without = rate(&load.run("GET", &url)?);
        let streams = visitors.watch(server.address())?;
        let with = rate(&load.run("GET", &url)?);
        peak = peak.max(server.memory()?);
        ensure!(streams.all_open(), "the server has closed streams while it was loaded");
        drop(streams);
        step.done();
        rounds.push((without, with));
    }
    report(options, &rounds, quiet, peak);
    Ok(())
}

fn rate(outcome: &Outcome) -> f64 {
    outcome.requests as f64 / outcome.elapsed.as_secs_f64()
}

fn report(options: &Options, rounds: &[(f64, f64)], quiet: u64, peak: u64) {
    let median = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!("\n{} open event streams, median of {} rounds", options.streams, rounds.len());
    println!(
        "  GET {PATH} a second without them   {:>10.0}",
        median(rounds.iter().map(|round| round.0).collect())
    );
    println!(
        "  GET {PATH} a second beside them    {:>10.0}",
        median(rounds.iter().map(|round| round.1).collect())
    );
    println!(
        "  ratio                                  {:>10.2}",
        median(rounds.iter().map(|round| round.1 / round.0).collect())
    );
    println!("  resident memory, sessions alone        {:>10.1} MB", megabytes(quiet));
    println!("  resident memory, with the streams      {:>10.1} MB", megabytes(peak));
}

/// Raises the limit of open files, as far as the system lets this user.
fn allow_files(wanted: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    // Beyond the hard limit only root may go.
    if setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_err() {
        bail!(
            "{wanted} open files are needed; run as root, or raise the hard limit first: ulimit -Hn {wanted}"
        );
    }
    Ok(())
}
