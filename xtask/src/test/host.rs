//! Tests that need nothing but cargo.

use anyhow::Result;

use super::tally::Row;
use crate::process;

/// Every crate but the end-to-end tests and the wasm test runner, which has none.
pub(super) fn run() -> Result<Vec<Row>> {
    let mut command = process::cargo("test --workspace --all-features --no-fail-fast");
    command.args(["--exclude", "twinjar-tests", "--exclude", "wasm-test-runner"]);
    Ok(vec![Row::run("Rust tests", command)?])
}
