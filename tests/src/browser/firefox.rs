//! Firefox: how it is started, and what it tells where a script runs with the browser's own rights.

use std::process::Command;
use std::time::{Duration, Instant};

use fantoccini::Client;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::extension::post;
use super::{Look, program};

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn driver(profile: &TempDir) -> Command {
    let mut command = Command::new(program("GECKODRIVER", "geckodriver"));
    // Whatever the browser writes goes with the profile, also after a kill.
    command.args(["--port=0", "--allow-system-access", "--profile-root"]).arg(profile.path());
    command.arg("--binary").arg(program("FIREFOX", "firefox-esr"));
    command.env("TMPDIR", profile.path()).env("HOME", profile.path());
    // Its helper would outlive the process group.
    command.env("MOZ_CRASHREPORTER_DISABLE", "1");
    command
}

/// The port, in the line that tells it.
pub(super) fn port(line: &str) -> Option<u16> {
    line.split_once("Listening on ")?.1.rsplit_once(':')?.1.parse().ok()
}

pub(super) fn capabilities(look: Look) -> Map<String, Value> {
    assert!(!look.phone, "Firefox cannot be a phone here: use a Look::DESKTOP, or Chromium");
    let options = json!({
        "args": [
            "-headless".to_owned(),
            format!("--width={}", look.width),
            format!("--height={}", look.height),
        ],
        // Requests of the browser's own, which no page asked for.
        "prefs": {
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
        },
    });
    Map::from_iter([("moz:firefoxOptions".to_owned(), options)])
}

/// Begins to keep the requests of pages, and the errors and refusals that are reported for them.
pub(super) async fn record(client: &Client) {
    let script = "
        const window = Services.wm.getMostRecentWindow('navigator:browser');
        window.requestsOfPages = [];
        window.errorsOfPages = [];
        Services.obs.addObserver(channel => {
            channel.QueryInterface(Ci.nsIHttpChannel);
            if (channel.loadInfo.browsingContext) window.requestsOfPages.push(channel.URI.spec);
        }, 'http-on-opening-request');
        Services.console.registerListener({
            observe(message) {
                const ofPage = message instanceof Ci.nsIScriptError && /^https?:/.test(message.sourceName);
                if (ofPage) window.errorsOfPages.push(message.message);
            },
        });";
    privileged(client, script, &[]).await;
}

pub(super) async fn prefer(client: &Client, scheme: &str) {
    let number = if scheme == "dark" { 0 } else { 1 };
    let script =
        "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0]);";
    privileged(client, script, &[json!(number)]).await;
    // The page hears of it some time later.
    let matches = format!("return matchMedia('(prefers-color-scheme: {scheme})').matches");
    let started = Instant::now();
    while !matches!(client.execute(&matches, Vec::new()).await, Ok(Value::Bool(true))) {
        assert!(started.elapsed() < PATIENCE, "the page does not hear that {scheme} is preferred");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

pub(super) async fn requests(client: &Client) -> Vec<String> {
    let script = "return Services.wm.getMostRecentWindow('navigator:browser').requestsOfPages.splice(0);";
    texts(&privileged(client, script, &[]).await)
}

pub(super) async fn console(client: &Client) -> Vec<String> {
    let script = "return Services.wm.getMostRecentWindow('navigator:browser').errorsOfPages.splice(0);";
    texts(&privileged(client, script, &[]).await)
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Runs a script with the browser's own rights.
async fn privileged(client: &Client, script: &str, arguments: &[Value]) -> Value {
    context(client, "chrome").await;
    let outcome = client.execute(script, arguments.to_vec()).await;
    context(client, "content").await;
    outcome.unwrap_or_else(|error| panic!("{script}: {error}"))
}

async fn context(client: &Client, name: &str) {
    post(client, "moz/context", json!({ "context": name })).await.expect("geckodriver allows system access");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read() {
        assert_eq!(port("1795476211628\tgeckodriver\tINFO\tListening on 127.0.0.1:38505"), Some(38505));
        assert_eq!(port("*** You are running in headless mode."), None);
    }
}
