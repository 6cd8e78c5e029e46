//! Logging in and out at the demo server, and what its operator sees of it.

use serde_json::json;
use twinjar_tests::{Browser, Connection, Curl, Look, Page, Server};

const ALICE: &str = r#"{"username":"alice","password":"wonderland"}"#;
const BOB: &str = r#"{"username":"bob","password":"builder"}"#;
const NOTE: &str = "/api/session/data/note";

fn log_in(visitor: &Curl, credentials: &str) {
    let answer = visitor.write("POST", "/api/login", credentials);
    assert_eq!((answer.status, answer.text()), (204, ""), "{answer:?}");
}

fn user(visitor: &Curl) -> serde_json::Value {
    visitor.get("/api/session").json()["user"].clone()
}

#[test]
fn login_keeps_the_data_and_changes_the_id() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", NOTE, r#""plum""#).status, 204);
    let before = visitor.session_cookie().expect("a session");
    log_in(&visitor, ALICE);
    let after = visitor.session_cookie().expect("a session");
    assert_ne!(before.value, after.value);
    assert_eq!((user(&visitor), visitor.get(NOTE).json()), (json!("alice"), json!("plum")));
    let stale = Curl::new(&server).send(
        "GET",
        "/api/session",
        &["--cookie", &format!("{}={}", before.name, before.value)],
    );
    assert_eq!(stale.json()["active"], false, "the id from before the login is dead");

    log_in(&visitor, BOB);
    assert_eq!((user(&visitor), visitor.get(NOTE).status), (json!("bob"), 404), "alice's note is not bob's");
}

#[test]
fn logout_ends_the_session() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    log_in(&visitor, ALICE);
    let out = visitor.act("POST", "/api/logout");
    assert_eq!((out.status, out.headers("set-cookie").len()), (204, 2));
    let visitor = Curl::new(&server);
    let again = visitor.send("POST", "/api/logout", &["--header", "Sec-Fetch-Site: same-origin"]);
    assert_eq!(again.status, 204, "without a session there is nothing to do");
}

#[test]
fn wrong_credentials_and_malformed_requests_change_nothing() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", NOTE, r#""plum""#).status, 204);
    let before = visitor.session_cookie();
    for (body, status, code) in [
        (r#"{"username":"alice","password":"builder"}"#, 401, "invalid_credentials"),
        (r#"{"username":"mallory","password":"builder"}"#, 401, "invalid_credentials"),
        (r#"{"username":"alice"}"#, 400, "malformed_json"),
        (r#"{"username":"alice","password":7}"#, 400, "malformed_json"),
        ("{", 400, "malformed_json"),
        (&format!(r#"{{"username":"alice","password":"{}"}}"#, "x".repeat(5000)), 413, "value_too_large"),
    ] {
        let answer = visitor.write("POST", "/api/login", body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, code));
        assert!(!answer.text().contains("builder"), "{answer:?}");
        assert!(answer.headers("set-cookie").is_empty(), "{answer:?}");
    }
    let token = format!("X-CSRF-Token: {}", visitor.csrf_token().expect("a token"));
    let form = visitor.send("POST", "/api/login", &["--data", "username=alice", "--header", &token]);
    assert_eq!((form.status, form.problem().as_str()), (415, "unsupported_media_type"));
    assert_eq!((user(&visitor), visitor.session_cookie()), (json!(null), before));
}

#[test]
fn other_sites_neither_log_in_nor_out() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    for (header, code) in [
        ("Sec-Fetch-Site: cross-site", "cross_site_request"),
        ("Origin: https://evil.example", "cross_site_request"),
    ] {
        let answer = visitor.send_json("POST", "/api/login", ALICE, &[header]);
        assert_eq!((answer.status, answer.problem().as_str()), (403, code));
    }
    log_in(&visitor, ALICE);
    let answer = visitor.send("POST", "/api/logout", &[]);
    assert_eq!((answer.status, answer.problem().as_str()), (403, "csrf_token_invalid"));
    assert_eq!(user(&visitor), json!("alice"));
}

#[test]
fn the_accounts_are_no_secret() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    for account in visitor.get("/api/accounts").json().as_array().expect("a list") {
        log_in(&visitor, &account.to_string());
        assert_eq!(user(&visitor), account["username"]);
    }
}

#[test]
fn a_device_that_is_revoked_hears_it_from_the_event_stream() {
    let server = Server::demo();
    let (phone, laptop) = (Curl::new(&server), Curl::new(&server));
    log_in(&phone, ALICE);
    log_in(&laptop, ALICE);
    let devices = laptop.get("/api/session/devices").json();
    let other = devices.as_array().expect("a list").iter().find(|device| device["current"] == false);
    let handle = other.expect("two devices")["handle"].as_str().expect("a handle").to_owned();
    let id = phone.session_cookie().expect("a session");
    let mut stream = Connection::open(server.origin());
    stream.send(&format!(
        "GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}={}\r\n\r\n",
        id.name, id.value
    ));
    let head = stream.some();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("content-type: text/event-stream"), "{head}");
    assert_eq!(laptop.act("DELETE", &format!("/api/session/devices/{handle}")).status, 204);
    let rest = stream.rest();
    assert!(rest.contains(r#"data: {"type":"ended","reason":"revoked"}"#), "{rest}");
    let gone = phone.get("/api/session/events");
    assert_eq!((gone.status, gone.problem().as_str()), (404, "no_session"));
    let cleared = gone.headers("set-cookie");
    assert!(cleared.len() == 2 && cleared.iter().all(|line| line.contains("=; Max-Age=0;")), "{cleared:?}");
    assert_eq!(user(&laptop), json!("alice"));
}

async fn log_in_on(page: &Page<'_>) {
    page.fill("login-username", "alice").await;
    page.fill("login-password", "wonderland").await;
    page.click("login").await;
    page.attribute("login-verdict", "data-code", "alice").await;
}

#[tokio::test]
async fn a_page_follows_what_other_devices_do_to_its_session() {
    let server = Server::demo();
    let (phone, laptop) = (Browser::start(Look::DESKTOP).await, Browser::start(Look::DESKTOP).await);
    let (phone, laptop) = (Page::open(&phone, &server).await, Page::open(&laptop, &server).await);
    phone.fill("login-password", "wrong").await;
    phone.click("login").await;
    phone.attribute("login-verdict", "data-code", "401 invalid_credentials").await;
    log_in_on(&phone).await;
    log_in_on(&laptop).await;
    laptop.css("[data-testid=\"device-row\"]:nth-child(2)").await;

    laptop.click("device-others").await;
    phone.attribute("session-status", "data-state", "none").await;
    phone.attribute("login-verdict", "data-code", "none").await;
    assert_eq!(phone.text("announce").await, "The session was ended from another device.");

    laptop.click("logout").await;
    laptop.attribute("login-verdict", "data-code", "none").await;
    laptop.css("[data-testid=\"logout\"]:disabled").await;
}

#[test]
fn the_operator_sees_counts_and_no_names() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    log_in(&visitor, ALICE);
    log_in(&visitor, ALICE);
    assert_eq!(visitor.act("POST", "/api/logout").status, 204);
    assert_eq!(visitor.get("/missing").status, 404);
    let metrics = visitor.get("/metrics");
    assert_eq!(metrics.status, 200);
    for line in [
        r#"twinjar_session_events_total{event="created"} 1"#,
        r#"twinjar_session_events_total{event="rotated"} 1"#,
        r#"twinjar_session_events_total{event="destroyed"} 1"#,
        r#"twinjar_session_events_total{event="replay_revoked"} 0"#,
        r#"http_requests_total{class="2xx"} 3"#,
        r#"http_requests_total{class="4xx"} 1"#,
        "http_request_duration_seconds_count 4",
    ] {
        assert!(metrics.text().lines().any(|one| one == line), "{line} is not in\n{}", metrics.text());
    }
    assert!(!metrics.text().contains("alice"));
    assert!(metrics.text().ends_with("# EOF\n"), "{}", metrics.text());
}

#[test]
fn metrics_at_an_address_of_their_own_are_at_no_other() {
    let server = Server::demo_with(&["--metrics-listen", "127.0.0.1:0"]);
    assert_eq!(Curl::new(&server).get("/metrics").status, 404);
}
