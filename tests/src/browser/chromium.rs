//! Chromium: how it is started, and what ChromeDriver knows beyond WebDriver, DevTools commands and logs.

use std::process::Command;

use fantoccini::Client;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::extension::post;
use super::{Look, program};

pub(super) fn driver(profile: &TempDir) -> Command {
    let mut command = Command::new(program("CHROMEDRIVER", "chromedriver"));
    // Whatever the browser writes goes with the profile, also after a kill.
    command.arg("--port=0").env("TMPDIR", profile.path());
    command
}

/// The port, in the line that tells it: it says "on port 0" before it has one.
pub(super) fn port(line: &str) -> Option<u16> {
    let rest = line.split_once("successfully on port ")?.1;
    rest.trim_end_matches('.').parse().ok()
}

pub(super) fn capabilities(look: Look, profile: &TempDir) -> Map<String, Value> {
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

pub(super) async fn prefer(client: &Client, scheme: &str) {
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    let body = json!({ "cmd": "Emulation.setEmulatedMedia", "params": features });
    post(client, "goog/cdp/execute", body).await.expect("Chromium can prefer a scheme");
}

pub(super) async fn requests(client: &Client) -> Vec<String> {
    log(client, "performance").await.iter().filter_map(requested).collect()
}

pub(super) async fn console(client: &Client) -> Vec<String> {
    let messages = log(client, "browser").await;
    messages.iter().filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect()
}

async fn log(client: &Client, kind: &str) -> Vec<Value> {
    let log = post(client, "se/log", json!({ "type": kind })).await;
    log.ok().and_then(|log| log.as_array().cloned()).expect("Chromium keeps logs")
}

fn requested(entry: &Value) -> Option<String> {
    let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let event = &message["message"];
    if event["method"] != "Network.requestWillBeSent" {
        return None;
    }
    event["params"]["request"]["url"].as_str().map(str::to_owned)
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
