#![allow(clippy::unwrap_used)]

mod contract;
mod news;
mod outages;
mod refusals;
#[path = "../../../../../tests/src/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod server;
mod tls;

use self::server::Postgres;
use crate::store::{PostgresAddress, PostgresStore};

fn address(server: &Postgres) -> PostgresAddress {
    server.url().parse().unwrap()
}

async fn connect(server: &Postgres) -> PostgresStore {
    PostgresStore::connect(address(server)).await.unwrap()
}
