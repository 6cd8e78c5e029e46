//! Several servers on one store, stores that stand still, and servers and stores that are killed under writers: nothing
//! that was acknowledged is missing, and nobody waits without end.

mod outages;
mod sharing;
mod transfer;
mod wire;

use std::path::PathBuf;

use rustix::process::Signal;
use tempfile::TempDir;
use twinjar_tests::{Postgres, Redis, Server};

/// A store that several servers can share, set up so that what it acknowledges survives a kill.
enum Store {
    /// With the options of its URL.
    Sqlite(TempDir, &'static str),
    Redis(Redis, &'static str),
    Postgres(Postgres, &'static str),
}

/// The option that keeps in each server what it has read, and has the store tell of changes.
const CACHED: &str = "?near_cache=on";

impl Store {
    fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().expect("a folder can be made"), "")
    }

    fn uncached_sqlite() -> Self {
        Self::Sqlite(TempDir::new().expect("a folder can be made"), "?near_cache=off")
    }

    fn all() -> [Self; 6] {
        [
            Self::sqlite(),
            Self::uncached_sqlite(),
            Self::Redis(Redis::start_durable(), ""),
            Self::Redis(Redis::start_durable(), CACHED),
            Self::Postgres(Postgres::start(&[]), ""),
            Self::Postgres(Postgres::start(&[]), CACHED),
        ]
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder, options) => format!("sqlite:{}{options}", file(folder).display()),
            Self::Redis(redis, options) => format!("{}{options}", redis.url()),
            Self::Postgres(postgres, options) => format!("{}{options}", postgres.url()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_, "") => "SQLite",
            Self::Sqlite(..) => "SQLite without a cache",
            Self::Redis(_, "") => "Redis",
            Self::Redis(..) => "Redis with a cache",
            Self::Postgres(_, "") => "PostgreSQL",
            Self::Postgres(..) => "PostgreSQL with a cache",
        }
    }

    /// A server on it. All have the same secret.
    fn server(&self, environment: &[(&str, &str)]) -> Server {
        let url = self.url();
        let ours = [("STORE", url.as_str()), ("SECRETS", "the secret that the servers share")];
        Server::testbed(&[&ours, environment].concat())
    }

    /// Whether its servers hear of each other's changes at once.
    fn has_news(&self) -> bool {
        !matches!(self, Self::Sqlite(_, "?near_cache=off") | Self::Postgres(_, ""))
    }

    /// Whether a server may answer for some milliseconds with what another has changed.
    fn may_lag(&self) -> bool {
        matches!(self, Self::Redis(_, CACHED) | Self::Postgres(_, CACHED))
    }

    /// A demo server on it. All have the same secret.
    fn demo(&self, secrets: &str) -> Server {
        Server::demo_with(&["--store", &self.url(), "--secret-file", secrets])
    }

    fn kill(&mut self) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis, _) => redis.kill(),
            Self::Postgres(postgres, _) => postgres.kill(),
        }
    }

    fn restart(&mut self) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis, _) => redis.restart(),
            Self::Postgres(postgres, _) => postgres.restart(),
        }
    }

    fn signal(&self, signal: Signal) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis, _) => redis.signal(signal),
            Self::Postgres(postgres, _) => postgres.signal(signal),
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("sessions.sqlite")
}
