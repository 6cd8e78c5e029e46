//! The demo server keeps to its own description: schemathesis sends what the description allows and what it does not,
//! and compares status, media type and content of each answer with it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use twinjar_tests::{Curl, Server, report};

/// The program that `TWINJAR_SCHEMATHESIS` names, or the one that `cargo xtask test` has installed.
fn program() -> PathBuf {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools/schemathesis/bin/schemathesis");
    let program = std::env::var_os("TWINJAR_SCHEMATHESIS").map_or_else(|| installed.into(), PathBuf::from);
    assert!(program.is_file(), "{} is not there: run `cargo xtask test --only browser`", program.display());
    program
}

fn compare(server: &Server, who: &str, headers: &[String], arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new(program());
    command.current_dir(folder.path()).env("NO_COLOR", "1").env_remove("PYTHONPATH");
    command.arg("--config-file").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/api/schemathesis.toml"));
    command.args(["run", &server.url("/openapi.json"), "--max-examples", "25", "--no-color"]);
    for header in headers {
        command.args(["--header", header]);
    }
    // An event stream has no end to wait for; `login.rs` tests it.
    command.args(["--exclude-operation-id", "events"]).args(arguments);
    let output = command.output().expect("schemathesis can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{who}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    let tested = said.lines().find(|line| line.trim_start().starts_with("Tested:")).expect("a summary");
    let cases = said.lines().rfind(|line| line.contains(" generated")).expect("a summary");
    report(&format!("schemathesis, {who}: {} operations, {}", tested.trim(), cases.trim()));
}

#[test]
fn a_visitor_is_answered_as_described() {
    compare(&Server::demo(), "a visitor", &["Sec-Fetch-Site: same-origin".to_owned()], &[]);
}

#[test]
fn a_stranger_is_answered_as_described() {
    // The guard refuses before the routes see that they do not take a method.
    let without = ["--exclude-checks", "unsupported_method"];
    compare(&Server::demo(), "another site", &["Sec-Fetch-Site: cross-site".to_owned()], &without);
}

#[test]
fn a_user_is_answered_as_described() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    let login = visitor.write("POST", "/api/login", r#"{"username":"alice","password":"wonderland"}"#);
    assert_eq!(login.status, 204);
    let id = visitor.session_cookie().expect("a session");
    let headers = [
        format!("Cookie: {}={}", id.name, id.value),
        format!("X-CSRF-Token: {}", visitor.csrf_token().expect("a token")),
    ];
    // These would end the session, or change its id, before the others have had their turn.
    let endings = ["destroy", "rotate", "revoke", "logIn", "logOut"];
    compare(&server, "a user", &headers, &endings.map(|id| ["--exclude-operation-id", id]).concat());
    assert_eq!(visitor.get("/api/session").json()["user"], "alice", "the session did not last");
}

#[test]
fn the_description_is_whole() {
    let server = Server::demo();
    let description = Curl::new(&server).get("/openapi.json");
    assert_eq!(description.header("content-type"), Some("application/json"));
    let description = description.json();
    assert_eq!(description["openapi"], "3.1.0");
    let operations: BTreeSet<String> = description["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("a path").keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    for operation in [
        "get /api/session",
        "delete /api/session",
        "get /api/session/data/{key}",
        "put /api/session/data/{key}",
        "delete /api/session/data/{key}",
        "patch /api/session/data",
        "post /api/session/rotate",
        "get /api/session/events",
        "get /api/session/devices",
        "delete /api/session/devices/{handle}",
        "post /api/session/devices/revoke-others",
        "post /api/login",
        "post /api/logout",
        "get /healthz",
        "get /readyz",
    ] {
        assert!(operations.contains(operation), "{operation} is not in {operations:?}");
    }
    let keys = &description["paths"]["/api/session/data/{key}"]["get"]["parameters"][0]["schema"]["enum"];
    assert_eq!(keys, &json!(["cart", "note", "count", "label"]));
    let codes = &description["components"]["schemas"]["ProblemCode"]["enum"];
    assert!(codes.as_array().is_some_and(|codes| codes.contains(&Value::from("value_rejected"))), "{codes}");
}

#[test]
fn the_description_names_the_cookie_that_carries_the_session() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", "/api/session/data/count", "1").status, 204);
    let cookie = visitor.session_cookie().expect("a session has a cookie");
    let description = visitor.get("/openapi.json").json();
    let scheme = &description["components"]["securitySchemes"]["session"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&json!("apiKey"), &json!("cookie"), &json!(cookie.name))
    );
    assert_eq!(
        description["security"],
        json!([{}, { "session": [] }]),
        "a visitor without one is answered, too"
    );
}
