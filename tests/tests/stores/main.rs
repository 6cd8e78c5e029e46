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
    Redis(Redis),
    Postgres(Postgres),
}

impl Store {
    fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().expect("a folder can be made"), "")
    }

    fn uncached_sqlite() -> Self {
        Self::Sqlite(TempDir::new().expect("a folder can be made"), "?near_cache=off")
    }

    fn all() -> [Self; 4] {
        [
            Self::sqlite(),
            Self::uncached_sqlite(),
            Self::Redis(Redis::start_durable()),
            Self::Postgres(Postgres::start(&[])),
        ]
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder, options) => format!("sqlite:{}{options}", file(folder).display()),
            Self::Redis(redis) => redis.url(),
            Self::Postgres(postgres) => postgres.url(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_, "") => "SQLite",
            Self::Sqlite(..) => "SQLite without a cache",
            Self::Redis(_) => "Redis",
            Self::Postgres(_) => "PostgreSQL",
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
        !matches!(self, Self::Sqlite(_, "?near_cache=off"))
    }

    /// A demo server on it, which hears at once what others do. All have the same secret.
    fn demo(&self, secrets: &str) -> Server {
        let url = match self {
            Self::Postgres(_) => format!("{}?near_cache=on", self.url()),
            _ => self.url(),
        };
        Server::demo_with(&["--store", &url, "--secret-file", secrets])
    }

    fn kill(&mut self) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis) => redis.kill(),
            Self::Postgres(postgres) => postgres.kill(),
        }
    }

    fn restart(&mut self) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis) => redis.restart(),
            Self::Postgres(postgres) => postgres.restart(),
        }
    }

    fn signal(&self, signal: Signal) {
        match self {
            Self::Sqlite(..) => {}
            Self::Redis(redis) => redis.signal(signal),
            Self::Postgres(postgres) => postgres.signal(signal),
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("sessions.sqlite")
}
