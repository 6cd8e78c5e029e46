//! `cargo xtask bench`: every number in the documentation comes from here.

mod server;

use anyhow::Result;
use clap::Subcommand;

use crate::process;

#[derive(Subcommand)]
pub(crate) enum Suite {
    /// The formats: parsing, building, signing, judging.
    Shared,
    /// The session layer behind axum, beside other session layers.
    Server(server::Options),
}

pub(crate) fn run(suite: &Suite) -> Result<()> {
    match suite {
        Suite::Shared => process::show(process::cargo("bench --package twinjar-shared --all-features")),
        Suite::Server(options) => server::run(options),
    }
}
