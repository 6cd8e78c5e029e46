//! Tests in headless Chromium and Firefox.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::host::CRATES;
use super::tally::Row;
use crate::provision::{CHROMEDRIVER, CHROMIUM, CURL, FIREFOX};
use crate::{process, provision, wasm, workspace};

/// The browser package's own tests, in each browser.
pub(super) fn unit() -> Result<Vec<Row>> {
    provision::wasm_target()?;
    let browsers = Browsers::find()?;
    process::run("Building the wasm test runner", process::cargo("build --package wasm-test-runner"))?;
    let tests = || {
        let mut command = process::cargo("test --package twinjar-client --target wasm32-unknown-unknown");
        command.args(["--features", "session", "--no-fail-fast"]);
        command
    };
    // The runner takes the first driver that is named.
    let (mut chromium, mut firefox) = (tests(), tests());
    chromium.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", chromium_settings(&browsers.chromium)?);
    chromium.env("CHROMEDRIVER", browsers.chromedriver).env_remove("GECKODRIVER");
    firefox.env("GECKODRIVER", browsers.geckodriver).env_remove("CHROMEDRIVER");
    firefox.env("GECKODRIVER_ARGS", format!("--binary={}", browsers.firefox.display()));
    firefox.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", "webdriver.firefox.json");
    Ok(vec![
        Row::run("Browser package in Chromium", &chromium)?,
        Row::run("Browser package in Firefox", &firefox)?,
    ])
}

/// The crate's settings of Chromium, in a file of their own with the browser's path: ChromeDriver takes it from nowhere
/// else.
fn chromium_settings(chromium: &Path) -> Result<PathBuf> {
    let text = std::fs::read(workspace::path("client-wasm/webdriver.json"))?;
    let mut settings: serde_json::Value = serde_json::from_slice(&text)?;
    settings["goog:chromeOptions"]["binary"] = chromium.to_string_lossy().into();
    let file = workspace::target().join("webdriver.chromium.json");
    std::fs::write(&file, settings.to_string())?;
    Ok(file)
}

/// The demo page and server together, and the server library in a process of its own.
pub(super) fn end_to_end() -> Result<Vec<Row>> {
    let browsers = Browsers::find()?;
    provision::require([CURL])?;
    provision::store_servers()?;
    wasm::build()?;
    provision::node()?;
    provision::npm_ci(&workspace::path("tests/express"))?;
    // Chosen as for the Rust tests, which have then built the same already.
    let servers = format!("build {CRATES} --bin twinjar-server --example testbed");
    process::run("Building the servers under test", process::cargo(&servers))?;
    let mut command = process::cargo("test --package twinjar-tests --no-fail-fast");
    browsers.name_to(&mut command);
    command.env("TWINJAR_SERVER", workspace::binary("debug", "twinjar-server"));
    command.env("TWINJAR_TESTBED", workspace::binary("debug/examples", "testbed"));
    command.env("TWINJAR_AXE", axe()?).env("TWINJAR_SCHEMATHESIS", provision::schemathesis()?);
    Ok(vec![Row::run("End to end", &command)?])
}

/// What judges the page's accessibility.
fn axe() -> Result<PathBuf> {
    let project = workspace::path("tests/axe");
    provision::node()?;
    provision::npm_ci(&project)?;
    Ok(project.join("node_modules/axe-core/axe.min.js"))
}

/// The browsers of this machine and their drivers.
struct Browsers {
    chromium: PathBuf,
    chromedriver: PathBuf,
    firefox: PathBuf,
    geckodriver: PathBuf,
}

impl Browsers {
    fn find() -> Result<Self> {
        let [chromium, chromedriver, firefox] = provision::require([CHROMIUM, CHROMEDRIVER, FIREFOX])?;
        Ok(Self { chromium, chromedriver, firefox, geckodriver: provision::geckodriver()? })
    }

    /// Tells the end-to-end tests where they are.
    fn name_to(&self, command: &mut Command) {
        command.env("CHROMIUM", &self.chromium).env("CHROMEDRIVER", &self.chromedriver);
        command.env("FIREFOX", &self.firefox).env("GECKODRIVER", &self.geckodriver);
    }
}
