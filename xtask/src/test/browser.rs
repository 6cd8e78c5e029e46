//! Tests in headless Chromium.

use anyhow::Result;

use super::tally::Row;
use crate::{demo, process, provision, wasm, workspace};

/// The browser package's own tests.
pub(super) fn unit() -> Result<Vec<Row>> {
    provision::wasm_target()?;
    provision::CHROMIUM.require()?;
    let driver = provision::CHROMEDRIVER.require()?;
    process::run("Building the wasm test runner", process::cargo("build --package wasm-test-runner"))?;
    let mut command = process::cargo("test --package twinjar-client --target wasm32-unknown-unknown");
    command.arg("--no-fail-fast").env("CHROMEDRIVER", driver);
    Ok(vec![Row::run("Browser package in Chromium", command)?])
}

/// The demo page and server together.
pub(super) fn end_to_end() -> Result<Vec<Row>> {
    provision::CHROMIUM.require()?;
    let driver = provision::CHROMEDRIVER.require()?;
    wasm::build()?;
    demo::build_server(false)?;
    let mut command = process::cargo("test --package twinjar-tests --no-fail-fast");
    command.env("CHROMEDRIVER", driver);
    command.env("TWINJAR_SERVER", workspace::binary("debug", "twinjar-server"));
    Ok(vec![Row::run("End to end in Chromium", command)?])
}
