//! A real browser, through its WebDriver.

mod devtools;

use std::path::PathBuf;
use std::process::Command;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::group::Group;

/// The window that a page is shown in.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    width: u32,
    height: u32,
    phone: bool,
    dark: bool,
}

impl Look {
    /// A window of 1280 by 900 pixels.
    pub const DESKTOP: Self = Self { width: 1280, height: 900, phone: false, dark: false };
    /// A touch screen 360 pixels wide.
    pub const PHONE: Self = Self { width: 360, height: 780, phone: true, dark: false };

    /// The same window of a person who prefers dark pages.
    #[must_use]
    pub const fn dark(mut self) -> Self {
        self.dark = true;
        self
    }
}

/// Headless Chromium with a fresh profile, ended with all its processes when dropped.
pub struct Browser {
    client: Client,
    _driver: Group,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium through the ChromeDriver that `CHROMEDRIVER` names, or the one on the search path.
    pub async fn start(look: Look) -> Self {
        let profile = TempDir::new().expect("a folder can be made");
        let program = std::env::var_os("CHROMEDRIVER").map_or_else(|| "chromedriver".into(), PathBuf::from);
        let mut command = Command::new(program);
        // Whatever the browser writes goes with the profile, also after a kill.
        command.arg("--port=0").env("TMPDIR", profile.path());
        let (driver, port) = Group::start(&command, port);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(look, &profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser can be started");
        let browser = Self { client, _driver: driver, _profile: profile };
        browser.prefer(if look.dark { "dark" } else { "light" }).await;
        browser
    }

    /// The WebDriver session.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Says which colour scheme the person prefers: `light` or `dark`.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        devtools::call(&self.client, "Emulation.setEmulatedMedia", features).await;
    }

    /// The URL of every request since the last call, by the browser's own log: refused ones too.
    pub async fn requests(&self) -> Vec<String> {
        devtools::requests(&self.client).await
    }

    /// What the page wrote to its console since the last call.
    pub async fn console(&self) -> Vec<String> {
        devtools::console(&self.client).await
    }
}

// It says "on port 0" before it has one.
fn port(line: &str) -> Option<u16> {
    let rest = line.split_once("successfully on port ")?.1;
    rest.trim_end_matches('.').parse().ok()
}

fn capabilities(look: Look, profile: &TempDir) -> Map<String, Value> {
    let arguments = [
        "--headless".to_owned(),
        // A container's root has no namespaces to build a sandbox from.
        "--no-sandbox".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--window-size={},{}", look.width, look.height),
        format!("--user-data-dir={}", profile.path().join("profile").display()),
    ];
    let mut options = json!({ "args": arguments });
    if look.phone {
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": look.width, "height": look.height, "pixelRatio": 2, "touch": true, "mobile": true }
        });
    }
    if let Some(binary) = std::env::var_os("CHROMIUM") {
        options["binary"] = json!(binary.to_string_lossy());
    }
    Map::from_iter([
        ("goog:chromeOptions".to_owned(), options),
        ("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL", "browser": "ALL" })),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_port_is_read() {
        assert_eq!(port("Starting ChromeDriver 150.0 (abc) on port 0"), None);
        assert_eq!(port("ChromeDriver was started successfully on port 41234."), Some(41234));
    }
}
