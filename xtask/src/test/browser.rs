//! Tests in headless Chromium.

use anyhow::Result;

use super::host::CRATES;
use super::tally::Row;
use crate::provision::{CHROMEDRIVER, CHROMIUM, CURL};
use crate::{process, provision, wasm, workspace};

/// The browser package's own tests.
pub(super) fn unit() -> Result<Vec<Row>> {
    provision::wasm_target()?;
    let [_, driver] = provision::require([CHROMIUM, CHROMEDRIVER])?;
    process::run("Building the wasm test runner", process::cargo("build --package wasm-test-runner"))?;
    let mut command = process::cargo("test --package twinjar-client --target wasm32-unknown-unknown");
    command.arg("--no-fail-fast").env("CHROMEDRIVER", driver);
    Ok(vec![Row::run("Browser package in Chromium", &command)?])
}

/// The demo page and server together, and the server library in a process of its own.
pub(super) fn end_to_end() -> Result<Vec<Row>> {
    let [_, driver, _] = provision::require([CHROMIUM, CHROMEDRIVER, CURL])?;
    wasm::build()?;
    // Chosen as for the Rust tests, which have then built the same already.
    let servers = format!("build {CRATES} --bin twinjar-server --example testbed");
    process::run("Building the servers under test", process::cargo(&servers))?;
    let mut command = process::cargo("test --package twinjar-tests --no-fail-fast");
    command.env("CHROMEDRIVER", driver);
    command.env("TWINJAR_SERVER", workspace::binary("debug", "twinjar-server"));
    command.env("TWINJAR_TESTBED", workspace::binary("debug/examples", "testbed"));
    Ok(vec![Row::run("End to end", &command)?])
}
