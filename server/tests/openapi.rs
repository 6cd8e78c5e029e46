//! The description of the session API says what its routes really answer: each code that is documented is met, and
//! each code that is met is documented, at the operation that answers it.

#![cfg(feature = "openapi")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use twinjar_server::store::MemoryStore;
use twinjar_server::{CsrfLayer, Secrets, SessionApi, SessionKey, SessionLayer};

const COUNT: SessionKey<i64> = SessionKey::new("count").max_bytes(16);
const PLAN: SessionKey<String> = SessionKey::new("plan");

fn api() -> SessionApi {
    SessionApi::new().read_write(COUNT).read(PLAN).max_body_bytes(64).max_event_streams(0, 0)
}

fn app() -> Router {
    Router::new().nest("/api/session", api().router()).layer(CsrfLayer::new()).layer(
        SessionLayer::builder(MemoryStore::new(), &Secrets::random()).companion_cookie(true).build().unwrap(),
    )
}

/// Method, template, path, content type, body, further headers; with the session of a visitor or without.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static [(&'static str, &'static str)],
    bool,
);

// Secure cookies are set there without TLS.
const HOST: &str = "127.0.0.1";
const JSON: Option<&str> = Some("application/json");
const MERGE: Option<&str> = Some("application/merge-patch+json");
const STEPS: Option<&str> = Some("application/json-patch+json");
const DATA: &str = "/data/{key}";
const LARGE: &str = "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("GET", "", "", None, "", &[], false),
    ("GET", "", "", None, "", &[], true),
    ("GET", DATA, "/data/count", None, "", &[], true),
    ("GET", DATA, "/data/plan", None, "", &[], true),
    ("GET", DATA, "/data/secret", None, "", &[], true),
    ("PUT", DATA, "/data/count", JSON, "2", &[], true),
    ("PUT", DATA, "/data/count", JSON, "2", &[("if-match", "7")], true),
    ("PUT", DATA, "/data/count", JSON, "2", &[("if-match", "\"999\"")], true),
    ("PUT", DATA, "/data/count", JSON, "{", &[], true),
    ("PUT", DATA, "/data/count", JSON, "\"two\"", &[], true),
    ("PUT", DATA, "/data/count", JSON, LARGE, &[], true),
    ("PUT", DATA, "/data/count", Some("text/plain"), "2", &[], true),
    ("PUT", DATA, "/data/plan", JSON, "\"gold\"", &[], true),
    ("PUT", DATA, "/data/secret", JSON, "2", &[], true),
    ("PUT", DATA, "/data/count", JSON, "2", &[("x-csrf-token", "guessed")], true),
    ("PUT", DATA, "/data/count", JSON, "2", &[("sec-fetch-site", "cross-site")], true),
    ("DELETE", DATA, "/data/count", None, "", &[("if-match", "\"999\"")], true),
    ("DELETE", DATA, "/data/count", None, "", &[("if-match", "x")], true),
    ("DELETE", DATA, "/data/plan", None, "", &[], true),
    ("DELETE", DATA, "/data/secret", None, "", &[], true),
    ("DELETE", DATA, "/data/count", None, "", &[], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"count":1}"#, &[], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"count":"#, &[], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"count":1}"#, &[("if-match", "\"999\"")], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"count":1}"#, &[("if-match", "x")], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"count":"two"}"#, &[], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"plan":"gold"}"#, &[], true),
    ("PATCH", "/data", "/data", MERGE, r#"{"secret":1}"#, &[], true),
    ("PATCH", "/data", "/data", MERGE, LARGE, &[], true),
    ("PATCH", "/data", "/data", STEPS, r#"[{"op":"fly","path":"/count"}]"#, &[], true),
    ("PATCH", "/data", "/data", STEPS, r#"[{"op":"test","path":"/count","value":9}]"#, &[], true),
    ("PATCH", "/data", "/data", JSON, "{}", &[], true),
    ("GET", "/events", "/events", None, "", &[], false),
    ("GET", "/events", "/events", None, "", &[], true),
    ("GET", "/devices", "/devices", None, "", &[], true),
    ("POST", "/devices/revoke-others", "/devices/revoke-others", None, "", &[], true),
    ("DELETE", "/devices/{handle}", "/devices/x", None, "", &[], true),
    ("POST", "/rotate", "/rotate", JSON, "", &[], false),
    ("POST", "/rotate", "/rotate", None, "", &[], true),
    ("DELETE", "", "", None, "", &[], false),
    ("DELETE", "", "", None, "", &[], true),
];

/// A visitor's session, as request headers.
async fn begin(app: &Router) -> Vec<(String, String)> {
    let request = Request::put("/api/session/data/count").header("host", HOST);
    let request = request.header("content-type", "application/json");
    let response = app.clone().oneshot(request.body(Body::from("1")).unwrap()).await.unwrap();
    assert_eq!(response.status(), 204);
    let lines = response.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let pairs: Vec<&str> = lines.map(|line| line.split(';').next().unwrap()).collect();
    let companion = pairs.iter().find_map(|pair| pair.strip_prefix("__Host-session-state=")).unwrap();
    let token = companion.split('.').nth(1).unwrap().to_owned();
    vec![("cookie".to_owned(), pairs.join("; ")), ("x-csrf-token".to_owned(), token)]
}

#[tokio::test]
async fn every_answer_is_documented_and_every_code_is_answered() {
    let description = serde_json::to_value(api().openapi("/api/session")).unwrap();
    let mut met = BTreeSet::new();
    for (method, template, path, content_type, body, headers, with_session) in ROWS {
        let app = app();
        let mut request =
            Request::builder().method(*method).uri(format!("/api/session{path}")).header("host", HOST);
        let session = if *with_session { begin(&app).await } else { Vec::new() };
        for (name, value) in
            session.iter().filter(|(name, _)| !headers.iter().any(|(other, _)| other == name))
        {
            request = request.header(name, value);
        }
        for (name, value) in headers.iter().copied().chain(content_type.map(|kind| ("content-type", kind))) {
            request = request.header(name, value);
        }
        let response = app.oneshot(request.body(Body::from(*body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();

        let row = format!("{method} {path} {body} {headers:?}");
        let operation = &description["paths"][format!("/api/session{template}")][method.to_lowercase()];
        let documented = &operation["responses"][status.to_string()];
        assert!(documented.is_object(), "{row}: {status} is not documented: {}", operation["responses"]);
        let content = &documented["content"];
        match kind {
            Some(kind) => assert!(content[&kind].is_object(), "{row}: {status} {kind} is not documented"),
            None => assert!(content.is_null() && bytes.is_empty(), "{row}: a body is documented"),
        }
        if status >= 400 {
            let problem: Value = serde_json::from_slice(&bytes).unwrap();
            let code = problem["code"].as_str().unwrap().to_owned();
            let words = documented["description"].as_str().unwrap();
            assert!(words.contains(&format!("`{code}`")), "{row}: {code} is not among {words}");
            met.insert(format!("{method} {template} {code}"));
        }
    }

    // What takes a failing store, a slow client, a race or Express; the tests of those meet them.
    let elsewhere = [
        "header_too_large",
        "too_many_requests",
        "internal_error",
        "overloaded",
        "store_unavailable",
        "session_gone",
        "malformed_request",
        "cross_site_request",
        "csrf_token_invalid",
        "request_timeout",
        "value_too_large",
        "device_not_found",
        "not_supported",
    ];
    for (path, item) in description["paths"].as_object().unwrap() {
        let template = path.strip_prefix("/api/session").unwrap();
        for (method, operation) in item.as_object().unwrap() {
            for response in operation["responses"].as_object().unwrap().values() {
                for code in response["description"].as_str().unwrap().split('`').skip(1).step_by(2) {
                    let own = format!("{} {template} {code}", method.to_uppercase());
                    assert!(elsewhere.contains(&code) || met.contains(&own), "no row is answered {own}");
                }
            }
        }
    }
}
