//! What a request costs the store's own server, and what a session takes there.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::ROUTES;
use super::postgres::Postgres;
use super::redis::Redis;
use crate::bench::server::Rounds;
use crate::bench::server::contender::{Contender, Cpu};
use crate::process;
use crate::progress::Step;

/// Where a contender keeps its sessions.
pub(super) enum Place<'a> {
    Redis(&'a Redis),
    /// With the name of the database.
    Postgres(&'a Postgres, &'static str),
    /// A file, which the contender itself works on.
    File(PathBuf),
}

/// Loads each contender on all routes, the one that makes sessions last, and prints what that costs.
pub(super) fn print(contenders: &[(Contender, Place<'_>)], rounds: &Rounds) -> Result<()> {
    let mut lines = Vec::new();
    for (contender, place) in contenders {
        let step = Step::start(format!("Cost of {}", contender.name()));
        let mut line = format!("  {:<34}", contender.name());
        let server = contender.start()?;
        let (mut bytes, mut sessions) = (0, 0);
        for route in &ROUTES {
            // A file grows by fits, and begins with nothing but what the routes before have read and written.
            bytes = if matches!(place, Place::File(_)) { 0 } else { place.bytes()? };
            let before = place.cpu()?;
            let sample = rounds.measure(&server, route)?;
            let requests = sample.outcome.requests;
            let own = sample.spent.sum().as_secs_f64() * 1e6 / requests as f64;
            line += &match (before, place.cpu()?) {
                (Some(before), Some(after)) => {
                    let spent = after.saturating_sub(before).as_secs_f64() * 1e6 / requests as f64;
                    format!(" {own:>8.1} {spent:>7.1}")
                }
                _ => format!(" {own:>8.1} {:>7}", "-"),
            };
            sessions = requests;
        }
        server.end()?;
        line += &format!(" {:>12}", place.bytes()?.saturating_sub(bytes) / sessions.max(1));
        lines.push(line);
        step.done();
    }
    println!("\nProcessor time of a request in microseconds: of the testbed, of the store's server");
    print!("  {:<34}", "");
    ROUTES.iter().for_each(|route| print!(" {:>16}", route.path));
    println!(" {:>12}", "bytes/session");
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}

impl Place<'_> {
    /// What the store's server has spent so far; `None` where there is none.
    fn cpu(&self) -> Result<Option<Duration>> {
        match self {
            Self::Redis(redis) => Ok(Some(Cpu::of(redis.process())?.sum())),
            Self::Postgres(postgres, _) => {
                let processes = postgres.processes();
                let server = processes.first().context("PostgreSQL has ended")?;
                // What has ended meanwhile counts for the process that started it.
                let mut spent = Cpu::of_ended_children(server)?.sum();
                for process in &processes {
                    spent += Cpu::of(process).map_or(Duration::ZERO, Cpu::sum);
                }
                Ok(Some(spent))
            }
            Self::File(_) => Ok(None),
        }
    }

    fn bytes(&self) -> Result<u64> {
        match self {
            Self::Redis(redis) => {
                let url = redis.url();
                let said = process::ask("redis-cli", &["-u", &url, "info", "memory"]);
                let said = said.context("redis-cli cannot ask Redis")?;
                let line = said.lines().find_map(|line| line.strip_prefix("used_memory:"));
                line.and_then(|bytes| bytes.trim().parse().ok()).context("Redis does not tell its memory")
            }
            Self::Postgres(postgres, database) => {
                let size = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class \
                            WHERE relkind = 'r' AND relnamespace = to_regnamespace('twinjar')";
                Ok(postgres.sql_in(database, size).parse()?)
            }
            // What its log holds comes there soon.
            Self::File(path) => Ok(path.metadata()?.len()),
        }
    }
}
