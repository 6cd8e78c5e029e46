//! Session layers on stores outside of their process, loaded by wrk in interleaved rounds.
//!
//! Each measured server has a core; the client and the stores' servers share the other one, for all contenders alike.
//! SQLite's files are in the build folder: where that is a disk, a commit waits for it.

mod cost;
#[path = "../../../tests/src/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod postgres;
#[path = "../../../tests/src/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod redis;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use self::cost::Place;
use self::postgres::Postgres;
use self::redis::Redis;
use super::server::contender::{BASE, Contender, Programs};
use super::server::load::CLIENT_CORE;
use super::server::report::Pair;
use super::server::{Rounds, Route};
use crate::{process, provision, workspace};

const ROUTES: [Route; 3] = [
    Route { method: "GET", path: "/read", session: true },
    Route { method: "POST", path: "/write", session: true },
    Route { method: "POST", path: "/new", session: false },
];

/// Whom each is measured against, and how much faster it is meant to be on each route; 0: no goal.
const PAIRS: [Pair<{ ROUTES.len() }>; 12] = [
    Pair { one: "twinjar, Redis", other: "tower-sessions, Redis", goals: [1.0, 1.3, 0.0] },
    Pair { one: "twinjar, Redis, cached", other: "tower-sessions, Redis", goals: [1.7, 1.3, 0.0] },
    Pair { one: "twinjar, Redis, cached", other: "twinjar, memory", goals: [0.9, 0.0, 0.0] },
    Pair { one: "twinjar, Redis", other: "connect-redis", goals: [0.0; 3] },
    Pair { one: "twinjar, Redis, Express mode", other: "connect-redis", goals: [0.0; 3] },
    Pair { one: "twinjar, SQLite", other: "tower-sessions, SQLite WAL", goals: [3.0, 3.0, 0.0] },
    Pair { one: "twinjar, SQLite", other: "tower-sessions, SQLite", goals: [0.0, 15.0, 0.0] },
    Pair { one: "twinjar, SQLite normal", other: "twinjar, SQLite", goals: [0.0; 3] },
    Pair { one: "twinjar, PostgreSQL", other: "tower-sessions, PostgreSQL", goals: [1.3, 1.3, 0.0] },
    Pair { one: "twinjar, PostgreSQL, cached", other: "tower-sessions, PostgreSQL", goals: [1.3, 0.0, 0.0] },
    Pair { one: "twinjar, PostgreSQL, cached", other: "twinjar, memory", goals: [0.0; 3] },
    Pair { one: "twinjar, memory", other: BASE, goals: [0.0; 3] },
];

/// What Express' formats may cost beside our own.
const COSTS: [Pair<{ ROUTES.len() }>; 1] =
    [Pair { one: "twinjar, Redis, Express mode", other: "twinjar, Redis", goals: [1.5; 3] }];

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
    /// Sessions that are read and written in turn.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(4..))]
    sessions: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        bail!("server and client need a core each, and this machine has one");
    }
    let programs = Programs::prepare()?;
    provision::store_servers()?;
    // Inherited by what is started from here on; the measured servers are given theirs.
    let pid = std::process::id().to_string();
    process::ask("taskset", &["--all-tasks", "--cpu-list", "--pid", CLIENT_CORE, &pid])
        .context("taskset cannot choose a core")?;
    let folder = tempfile::tempdir_in(workspace::target())?;
    let (redis, postgres) = (Redis::start(&[]), Postgres::start(&[]));
    // Whoever shares a schema with a cache has its writes told as well.
    let _ = postgres.sql("CREATE DATABASE told");
    let rounds = Rounds {
        rounds: options.rounds,
        seconds: options.seconds,
        connections: options.connections,
        sessions: options.sessions.into(),
    };
    let report = rounds.run(&contenders(&programs, &folder, &redis.url(), &postgres.url()), &ROUTES)?;
    report.print_load();
    report.print_ratios(&PAIRS);
    report.print_costs(&COSTS);
    let twinjar = |name, store: String| programs.twinjar(name).with("STORE", store);
    let (redis_url, postgres_url, told) = (redis.url(), postgres.url(), told(&postgres.url()));
    let file = folder.path().join("cost.sqlite");
    let sqlite = format!("sqlite:{}?near_cache=off", file.display());
    let costs = [
        (twinjar("Redis", redis_url.clone()), Place::Redis(&redis)),
        (twinjar("Redis, cached", format!("{redis_url}?near_cache=on")), Place::Redis(&redis)),
        (twinjar("SQLite", sqlite), Place::File(file)),
        (twinjar("PostgreSQL", postgres_url), Place::Postgres(&postgres, "postgres")),
        (twinjar("PostgreSQL, cached", format!("{told}?near_cache=on")), Place::Postgres(&postgres, "told")),
    ];
    cost::print(&costs, &rounds)
}

fn contenders(programs: &Programs, folder: &TempDir, redis: &str, postgres: &str) -> Vec<Contender> {
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let told = told(postgres);
    let twinjar = |name, store: String| programs.twinjar(name).with("STORE", store);
    let tower = |name, store: String| programs.peer(name, "tower-sessions-stores").with("STORE", store);
    vec![
        programs.base(),
        twinjar("twinjar, memory", "memory".to_owned()),
        twinjar("twinjar, Redis", redis.to_owned()),
        twinjar("twinjar, Redis, cached", format!("{redis}?near_cache=on")),
        twinjar("twinjar, Redis, Express mode", redis.to_owned()).with("EXPRESS", "1"),
        tower("tower-sessions, Redis", redis.to_owned()),
        programs.express("connect-redis").with("STORE", redis),
        twinjar("twinjar, SQLite", file("full.sqlite")),
        twinjar("twinjar, SQLite normal", file("normal.sqlite?synchronous=normal")),
        tower("tower-sessions, SQLite WAL", file("peer-in-wal-mode.sqlite")).with("WAL", "1"),
        tower("tower-sessions, SQLite", file("peer.sqlite")),
        twinjar("twinjar, PostgreSQL", postgres.to_owned()),
        twinjar("twinjar, PostgreSQL, cached", format!("{told}?near_cache=on")),
        tower("tower-sessions, PostgreSQL", postgres.to_owned()),
    ]
}

/// The other database of the same server.
fn told(postgres: &str) -> String {
    format!("{}told", postgres.trim_end_matches("postgres"))
}
