//! Tests of the crates. They need cargo, and the servers that stores are tested against.

use anyhow::Result;

use super::tally::Row;
use crate::{process, provision};

/// Every crate but the end-to-end tests, which need servers, and the wasm test runner, which has no tests.
pub(super) const CRATES: &str =
    "--workspace --all-features --exclude twinjar-tests --exclude wasm-test-runner";

pub(super) fn run() -> Result<Vec<Row>> {
    provision::store_servers()?;
    let command = process::cargo(&format!("test {CRATES} --no-fail-fast"));
    Ok(vec![Row::run("Rust tests", &command)?])
}
