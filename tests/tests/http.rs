//! The session API as a program without a browser meets it: curl, with a cookie jar.

use serde_json::json;
use twinjar_tests::{Curl, Redis, Server, StoredCookie};

const API: &str = "/api/session";
const NOTE: &str = "/api/session/data/note";
const COUNT: &str = "/api/session/data/count";

/// A cookie as an argument of curl, which then sends it beside the jar's own.
fn carry(cookie: &StoredCookie) -> String {
    format!("{}={}", cookie.name, cookie.value)
}

#[test]
fn a_visitor_without_a_session_gets_none() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    let view = visitor.get(API);
    assert_eq!((view.status, &view.json()["active"]), (200, &json!(false)));
    assert!(view.headers("set-cookie").is_empty(), "{view:?}");
    assert_eq!(view.header("cache-control"), Some("no-store"));
    assert!(view.header("vary").is_some_and(|vary| vary.to_lowercase().contains("cookie")), "{view:?}");
    assert_eq!(visitor.get("/").status, 200);
    assert_eq!(visitor.jar(), []);
}

#[test]
fn a_session_is_begun_read_changed_and_destroyed() {
    let server = Server::demo();
    let visitor = Curl::new(&server);

    let put = visitor.write("PUT", NOTE, r#""plum jam""#);
    assert_eq!((put.status, put.text()), (204, ""));
    assert_eq!(put.header("cache-control"), Some("no-store"));
    let id = visitor.session_cookie().expect("the session has a cookie that scripts cannot read");
    assert!(visitor.csrf_token().is_some(), "the companion cookie tells the CSRF token");

    let value = visitor.get(NOTE);
    assert_eq!((value.status, value.json()), (200, json!("plum jam")));
    let tag = value.header("etag").expect("a value has a revision").to_owned();
    assert_eq!(put.header("etag"), Some(tag.as_str()));

    let changed = visitor.write("PUT", NOTE, r#""pear jam""#);
    assert_eq!(changed.status, 204);
    assert_ne!(changed.header("etag"), Some(tag.as_str()), "the revision did not grow");
    let view = visitor.get(API).json();
    assert_eq!((&view["active"], &view["data"]["note"]), (&json!(true), &json!("pear jam")));
    assert!(!view.to_string().contains(&id.value), "the view tells the secret id");

    assert_eq!(visitor.act("DELETE", NOTE).status, 204);
    assert_eq!(visitor.act("DELETE", NOTE).status, 204, "deleting twice is no error");
    let absent = visitor.get(NOTE);
    assert_eq!((absent.status, absent.problem().as_str()), (404, "key_not_found"));

    let destroyed = visitor.act("DELETE", API);
    assert_eq!(destroyed.status, 204);
    let cleared = destroyed.headers("set-cookie");
    assert!(cleared.len() == 2 && cleared.iter().all(|line| line.contains("=; Max-Age=0;")), "{cleared:?}");
    // Some versions of curl read the old jar again before they write the new one, and keep the first of two
    // cleared cookies: the next answer clears it once more.
    assert_eq!(visitor.get(API).json()["active"], json!(false));
    assert_eq!(visitor.jar(), []);
    let replayed = visitor.send("GET", API, &["--cookie", &carry(&id)]);
    assert_eq!((replayed.status, &replayed.json()["active"]), (200, &json!(false)));
    assert_eq!(visitor.act("DELETE", API).status, 204, "destroying twice is no error");
}

#[test]
fn two_visitors_do_not_meet() {
    let server = Server::demo();
    let (one, other) = (Curl::new(&server), Curl::new(&server));
    assert_eq!(one.write("PUT", NOTE, r#""mine""#).status, 204);
    assert_eq!(other.write("PUT", NOTE, r#""theirs""#).status, 204);
    assert_eq!(one.get(NOTE).json(), json!("mine"));
    assert_eq!(other.get(NOTE).json(), json!("theirs"));
    assert_ne!(one.csrf_token(), other.csrf_token());

    let token = format!("X-CSRF-Token: {}", other.csrf_token().expect("a token"));
    let refused = one.send_json("PUT", NOTE, r#""stolen""#, &[&token]);
    assert_eq!((refused.status, refused.problem().as_str()), (403, "csrf_token_invalid"));
}

#[test]
fn a_write_that_may_come_from_another_site_is_refused() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let token = format!("X-CSRF-Token: {}", visitor.csrf_token().expect("a token"));

    for (headers, code) in [
        (vec![], "csrf_token_invalid"),
        (vec!["X-CSRF-Token: guessed"], "csrf_token_invalid"),
        (vec![token.as_str(), "Origin: https://elsewhere.example"], "cross_site_request"),
        (vec![token.as_str(), "Origin: null"], "cross_site_request"),
        (vec![token.as_str(), "Sec-Fetch-Site: cross-site"], "cross_site_request"),
        (vec![token.as_str(), "Sec-Fetch-Site: same-site"], "cross_site_request"),
    ] {
        let refused = visitor.send_json("PUT", COUNT, "2", &headers);
        assert_eq!((refused.status, refused.problem().as_str()), (403, code), "{headers:?}");
    }
    let refused = visitor.send("DELETE", API, &[]);
    assert_eq!((refused.status, refused.problem().as_str()), (403, "csrf_token_invalid"));
    assert_eq!(visitor.get(COUNT).json(), json!(1));

    let stranger = Curl::new(&server);
    let refused = stranger.send_json("PUT", COUNT, "2", &["Origin: https://elsewhere.example"]);
    assert_eq!((refused.status, refused.problem().as_str()), (403, "cross_site_request"));
    assert_eq!(stranger.jar(), [], "a refused request began a session");
}

#[test]
fn bad_input_is_refused_with_a_code_and_changes_nothing() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let token = format!("X-CSRF-Token: {}", visitor.csrf_token().expect("a token"));
    let large = format!("\"{}\"", "x".repeat(70_000));

    for (path, body, header, status, code) in [
        (COUNT, "not json", None, 400, "malformed_json"),
        (COUNT, r#""seven""#, None, 422, "value_rejected"),
        (COUNT, "2", Some("If-Match: \"999\""), 412, "revision_conflict"),
        (COUNT, "2", Some("If-Match: 999"), 400, "malformed_if_match"),
        (NOTE, large.as_str(), None, 413, "value_too_large"),
        ("/api/session/data/admin", "true", None, 403, "key_not_exposed"),
        ("/api/session/data/__proto__", "{}", None, 403, "key_not_exposed"),
    ] {
        let headers: Vec<&str> = [Some(token.as_str()), header].into_iter().flatten().collect();
        let refused = visitor.send_json("PUT", path, body, &headers);
        assert_eq!((refused.status, refused.problem().as_str()), (status, code), "{path} {header:?}");
    }
    let text = ["--header", "Content-Type: text/plain", "--header", &token, "--data", "2"];
    let refused = visitor.send("PUT", COUNT, &text);
    assert_eq!((refused.status, refused.problem().as_str()), (415, "unsupported_media_type"));
    let refused = visitor.get("/api/session/data/admin");
    assert_eq!((refused.status, refused.problem().as_str()), (403, "key_not_exposed"));
    assert_eq!(visitor.get(API).json()["data"], json!({ "count": 1 }));
}

#[test]
fn a_patch_changes_all_or_nothing() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let token = format!("X-CSRF-Token: {}", visitor.csrf_token().expect("a token"));
    let patch = |kind: &str, body: &str| {
        let kind = format!("Content-Type: application/{kind}+json");
        visitor.send("PATCH", "/api/session/data", &["--header", &kind, "--header", &token, "--data", body])
    };

    let merged = patch("merge-patch", r#"{"count": 2, "note": "two"}"#);
    assert_eq!((merged.status, &merged.json()["data"]), (200, &json!({ "count": 2, "note": "two" })));
    let refused = patch("merge-patch", r#"{"note": null, "count": "three"}"#);
    assert_eq!((refused.status, refused.problem().as_str()), (422, "value_rejected"));
    let failed =
        patch("json-patch", r#"[{"op":"remove","path":"/note"},{"op":"test","path":"/count","value":9}]"#);
    assert_eq!((failed.status, failed.problem().as_str()), (409, "patch_failed"));
    assert_eq!(visitor.get(API).json()["data"], json!({ "count": 2, "note": "two" }));
    let patched =
        patch("json-patch", r#"[{"op":"test","path":"/count","value":2},{"op":"remove","path":"/note"}]"#);
    assert_eq!((patched.status, &patched.json()["data"]), (200, &json!({ "count": 2 })));
}

#[test]
fn an_id_that_the_server_did_not_make_opens_nothing() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let id = visitor.session_cookie().expect("a session has a cookie");

    let shortened = &id.value[..id.value.len() - 2];
    for forged in [shortened, "", "s%3Aforged.signature", "%00", "../../etc/passwd"] {
        let stranger = Curl::new(&server);
        let forged = format!("{}={forged}", id.name);
        let view = stranger.send("GET", API, &["--cookie", &forged]);
        assert_eq!((view.status, &view.json()["active"]), (200, &json!(false)), "{forged}");
    }
    let huge = format!("{}={}", id.name, "a".repeat(7000));
    let view = Curl::new(&server).send("GET", API, &["--cookie", &huge]);
    assert!(view.status == 431 || view.json()["active"] == json!(false), "{view:?}");
    assert_eq!(visitor.get(COUNT).json(), json!(1));
}

#[test]
fn a_rotated_session_keeps_its_data_under_a_new_id() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let before = visitor.session_cookie().expect("a session has a cookie");
    let handle = visitor.get(API).json()["handle"].clone();
    assert_eq!(visitor.act("POST", "/api/session/rotate").status, 204);
    let after = visitor.session_cookie().expect("a session has a cookie");
    assert_ne!(before.value, after.value);
    let view = visitor.get(API).json();
    assert_eq!((&view["data"], &view["active"]), (&json!({ "count": 1 }), &json!(true)));
    assert!(handle.is_string(), "a session has a public handle");
}

#[test]
fn a_cookie_is_put_into_the_jar_sent_and_taken_out() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    visitor.keep("flavour", "plum%20%26%20ginger");
    let echo = visitor.get("/api/echo").json();
    assert_eq!((&echo["method"], &echo["path"]), (&json!("GET"), &json!("/api/echo")));
    assert_eq!(echo["cookies"], json!([["flavour", "plum & ginger"]]));
    assert_eq!(visitor.jar().len(), 1, "an answer touched a cookie that is not the server's");

    visitor.remove("flavour");
    assert_eq!(visitor.get("/api/echo").json()["cookies"], json!([]));
}

#[test]
fn the_echo_never_tells_the_session_id() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", COUNT, "1").status, 204);
    let id = visitor.session_cookie().expect("a session has a cookie");
    let echo = visitor.get("/api/echo");
    assert!(echo.text().contains(&id.name), "{echo:?}");
    assert!(!echo.text().contains(&id.value), "the echo tells the secret id");
}

#[test]
fn the_page_and_its_package_are_served_with_safe_headers() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    for (path, kind) in [
        ("/", "text/html"),
        ("/js/main.js", "text/javascript"),
        ("/style/base.css", "text/css"),
        ("/pkg/index.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        let file = visitor.get(path);
        assert_eq!(file.status, 200, "{path}");
        let served = file.header("content-type").unwrap_or_default();
        assert!(served.starts_with(kind), "{path} is served as {served}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let page = visitor.get("/");
    let policy = page.header("content-security-policy").expect("the page has a policy");
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("'unsafe-inline'"), "{policy}");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/pkg/..%2f..%2fCargo.toml", "/nothing"] {
        assert_eq!(visitor.send("GET", path, &["--path-as-is"]).status, 404, "{path}");
    }
    assert_eq!(visitor.get("/healthz").status, 200);
    assert_eq!(visitor.get("/readyz").status, 200);
}

#[test]
fn what_a_route_does_not_do_is_told_as_a_problem() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    for (method, path) in [("GET", "/api/unknown"), ("POST", "/api/unknown"), ("GET", "/api/session/unknown")]
    {
        let refused = visitor.send(method, path, &["--header", "Sec-Fetch-Site: same-origin"]);
        assert_eq!((refused.status, refused.problem().as_str()), (404, "not_found"), "{method} {path}");
    }
    for (method, path, allowed) in [
        ("GET", "/api/count", "POST"),
        ("GET", "/api/login", "POST"),
        ("POST", "/api/echo", "GET,HEAD"),
        ("PUT", "/api/session/rotate", "POST"),
        ("PUT", "/healthz", "GET,HEAD"),
        ("DELETE", "/metrics", "GET,HEAD"),
        ("DELETE", "/", "GET,HEAD"),
        ("POST", "/js/main.js", "GET,HEAD"),
    ] {
        let refused = visitor.send(method, path, &["--header", "Sec-Fetch-Site: same-origin"]);
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (405, "method_not_allowed"),
            "{method} {path}"
        );
        assert_eq!(refused.header("allow"), Some(allowed), "{method} {path}");
    }
    assert_eq!(visitor.jar(), [], "a refused request began a session");
}

#[test]
fn a_server_without_its_store_is_up_and_not_ready() {
    let mut redis = Redis::start(&[]);
    let server = Server::demo_with(&["--store", &redis.url()]);
    let visitor = Curl::new(&server);
    assert_eq!(visitor.get("/readyz").status, 200);
    redis.kill();
    let refused = visitor.get("/readyz");
    assert_eq!((refused.status, refused.problem().as_str()), (503, "store_unavailable"));
    assert_eq!(visitor.get("/healthz").status, 200);
}
