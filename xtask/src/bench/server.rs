//! Session layers behind the same routes, loaded by wrk in interleaved rounds.
//!
//! Server and client have a core each. A round starts every server anew and takes the routes in turn, all servers one
//! after the other on each; so drifting clocks and neighbours touch all alike. Ratios are taken within a round, then
//! their median.

pub(super) mod contender;
mod curl;
pub(super) mod load;
pub(super) mod report;
mod side;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::progress::Step;
use contender::{Contender, Running};
use report::Report;

/// The measured routes, in the order they are loaded: method, path, whether the request bears a session.
const ROUTES: [Route; 6] = [
    Route { method: "GET", path: "/plain", session: true },
    Route { method: "GET", path: "/read", session: true },
    Route { method: "POST", path: "/write", session: true },
    Route { method: "POST", path: "/naive-write", session: true },
    Route { method: "POST", path: "/slow-write", session: true },
    Route { method: "POST", path: "/new", session: false },
];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each server is loaded on each route.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each load lasts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Connections of the client.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(4..))]
    connections: u32,
    /// Sessions made for the memory measurement.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..))]
    sessions: u32,
}

/// A measured route.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) session: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        bail!("server and client need a core each, and this machine has one");
    }
    let contenders = contender::prepare()?;
    let rounds = Rounds {
        rounds: options.rounds,
        seconds: options.seconds,
        connections: options.connections,
        sessions: load::THREADS,
    };
    let mut report = rounds.run(&contenders, &ROUTES)?;
    report.print_load();

    let step = Step::start("Memory and lost updates");
    for contender in &contenders {
        if contender.keeps_sessions() {
            step.note(contender.name());
            report.add_side(contender.name(), side::measure(contender, options.sessions)?);
        }
    }
    step.done();
    report.print_side(options.sessions);
    println!("\nIn process, without a socket");
    process::show(process::cargo("bench --quiet --package twinjar-server --all-features --bench *"))
}

/// How the servers are loaded.
pub(super) struct Rounds {
    pub(super) rounds: u32,
    pub(super) seconds: u32,
    pub(super) connections: u32,
    pub(super) sessions: usize,
}

impl Rounds {
    pub(super) fn run(&self, contenders: &[Contender], routes: &[Route]) -> Result<Report> {
        let mut report = Report::new();
        for round in 1..=self.rounds {
            let step = Step::start(format!("Round {round} of {}", self.rounds));
            let running = contenders.iter().map(Contender::start).collect::<Result<Vec<_>>>()?;
            for route in routes {
                for server in &running {
                    step.note(&format!("{} {}", server.name(), route.path));
                    report.add(route.path, server.name(), self.measure(server, route)?);
                }
            }
            step.done();
        }
        Ok(report)
    }

    /// Loads one route of one server, and counts what the server's process spent on it.
    pub(super) fn measure(&self, server: &Running, route: &Route) -> Result<report::Sample> {
        let cookies = if route.session { server.sessions(self.sessions)? } else { Vec::new() };
        let load = load::Load { seconds: self.seconds, connections: self.connections, cookies: &cookies };
        let before = server.cpu()?;
        let outcome = load.run(route.method, &server.url(route.path));
        let outcome = outcome.with_context(|| format!("{} did not answer all requests", server.name()))?;
        let spent = server.cpu()? - before;
        Ok(report::Sample { outcome, spent })
    }
}
