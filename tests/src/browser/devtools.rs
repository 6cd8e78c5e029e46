//! Chromium's additions to WebDriver: DevTools commands and the network log.

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

/// Runs a DevTools command.
pub(super) async fn call(client: &Client, method: &str, parameters: Value) -> Value {
    let body = json!({ "cmd": method, "params": parameters });
    run(client, "goog/cdp/execute", body).await.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// The URLs that the browser asked for since the last call.
pub(super) async fn requests(client: &Client) -> Vec<String> {
    log(client, "performance").await.iter().filter_map(requested).collect()
}

/// What the page wrote to its console since the last call, errors that nobody caught included.
pub(super) async fn console(client: &Client) -> Vec<String> {
    let messages = log(client, "browser").await;
    messages.iter().filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect()
}

async fn log(client: &Client, kind: &str) -> Vec<Value> {
    let log = run(client, "se/log", json!({ "type": kind })).await;
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

async fn run(client: &Client, path: &'static str, body: Value) -> Result<Value, CmdError> {
    client.issue_cmd(Command { path, body }).await
}

#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
