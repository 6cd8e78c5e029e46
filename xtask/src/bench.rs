//! `cargo xtask bench`: every number in the documentation comes from here.

mod server;
mod stores;
mod streams;

use std::process::Command;

use anyhow::Result;
use clap::Subcommand;

use crate::{process, provision, wasm, workspace};

#[derive(Subcommand)]
pub(crate) enum Suite {
    /// The formats: parsing, building, signing, judging.
    Shared,
    /// The browser package beside js-cookie: calls, size and loading in headless Chromium.
    Browser,
    /// The session layer behind axum, beside other session layers.
    Server(server::Options),
    /// The session layer on each store, beside other session layers on the same.
    Stores(stores::Options),
    /// Many open event streams: their memory, and the requests served beside them.
    Streams(streams::Options),
}

pub(crate) fn run(suite: &Suite) -> Result<()> {
    match suite {
        Suite::Shared => {
            process::show(process::cargo("bench --package twinjar-shared --all-features --bench *"))
        }
        Suite::Browser => browser(),
        Suite::Server(options) => server::run(options),
        Suite::Stores(options) => stores::run(options),
        Suite::Streams(options) => streams::run(options),
    }
}

fn browser() -> Result<()> {
    let node = provision::node()?;
    let [chromium] = provision::require([provision::CHROMIUM])?;
    wasm::build()?;
    let folder = workspace::path("tests/bench/browser");
    provision::npm_ci(&folder)?;
    let mut command = Command::new(node);
    command.arg("bench.mjs").current_dir(folder).env("CHROMIUM", chromium);
    process::show(command)
}
