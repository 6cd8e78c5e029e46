//! The server library under parallel requests, in a process of its own: nothing is lost, and nobody comes back.

use std::time::{Duration, Instant};

use serde_json::json;
use twinjar_tests::{Curl, Server};

/// The visitor's session cookie, as an argument of curl: for requests that shall not touch the visitor's jar.
fn carry(visitor: &Curl) -> String {
    let cookie = visitor.session_cookie().expect("a session has a cookie");
    format!("{}={}", cookie.name, cookie.value)
}

/// Waits until so many requests have loaded their session and go no further.
fn until_waiting(server: &Server, count: u32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Curl::new(server).get("/waiting").json() != json!({ "waiting": count }) {
        assert!(Instant::now() < deadline, "there are not {count} requests that wait");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_parallel_increment_is_lost() {
    for (locking, way) in [("merge", "/incr"), ("exclusive", "/incr"), ("exclusive", "/slow-write")] {
        let server = Server::testbed(&[("LOCKING", locking)]);
        let visitor = Curl::new(&server);
        assert_eq!(visitor.act("POST", "/new").status, 200);
        visitor.parallel("POST", way, 50);
        assert_eq!(visitor.get("/session").json(), json!({ "session": { "n": 51 } }), "{locking} {way}");
    }
}

#[test]
fn parallel_writes_of_different_keys_all_stay() {
    let server = Server::testbed(&[]);
    let visitor = Curl::new(&server);
    assert_eq!(visitor.act("POST", "/new").status, 200);
    let carried = carry(&visitor);
    std::thread::scope(|scope| {
        for key in ["a", "b", "c", "d"] {
            let (server, carried) = (&server, &carried);
            scope.spawn(move || {
                let body = json!({ key: true }).to_string();
                let json =
                    ["--cookie", carried, "--header", "Content-Type: application/json", "--data", &body];
                assert_eq!(Curl::new(server).send("POST", "/slow?ms=15000", &json).status, 200);
            });
        }
        until_waiting(&server, 4);
        assert_eq!(Curl::new(&server).act("POST", "/go-on").status, 200);
    });
    assert_eq!(
        visitor.get("/session").json()["session"],
        json!({ "n": 1, "a": true, "b": true, "c": true, "d": true })
    );
}

#[test]
fn a_request_in_flight_does_not_undo_a_logout() {
    let server = Server::testbed(&[]);
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("POST", "/login", r#"{"user": "alice"}"#).status, 200);
    let carried = carry(&visitor);
    std::thread::scope(|scope| {
        let late = scope.spawn(|| visitor.write("POST", "/slow?ms=15000", r#"{"late": true}"#));
        // It has loaded the session by then; after the logout it would find none.
        until_waiting(&server, 1);
        let logout = Curl::new(&server).send("POST", "/logout", &["--cookie", &carried]);
        assert_eq!(logout.status, 200);
        until_waiting(&server, 1);
        assert_eq!(Curl::new(&server).act("POST", "/go-on").status, 200);
        let late = late.join().expect("the slow request ends");
        assert_eq!((late.status, late.problem().as_str()), (410, "session_gone"));
    });
    let after = Curl::new(&server).send("GET", "/session", &["--cookie", &carried]);
    assert_eq!(after.json(), json!({ "session": {} }));
}

#[test]
fn a_login_changes_the_id_and_the_old_one_ends() {
    let server = Server::testbed(&[]);
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("POST", "/session", r#"{"cart": 1}"#).status, 200);
    let before = carry(&visitor);
    let login = visitor.write("POST", "/login", r#"{"user": "alice"}"#);
    assert_eq!(login.json()["session"], json!({ "cart": 1, "user": "alice" }));
    assert_ne!(before, carry(&visitor));

    let thief = Curl::new(&server).send("GET", "/session", &["--cookie", &before]);
    assert_eq!(
        thief.json(),
        json!({ "session": {} }),
        "the id from before the login still opens the session"
    );
}

#[test]
fn behind_a_trusted_proxy_secure_follows_the_forwarded_protocol() {
    for (trust, expected) in [("1", true), ("0", false)] {
        let server = Server::testbed(&[("TRUST_PROXY", trust)]);
        let visitor = Curl::new(&server);
        let answer = visitor.send("POST", "/new", &["--header", "X-Forwarded-Proto: https"]);
        let line = answer.header("set-cookie").expect("a new session has a cookie");
        assert_eq!(line.contains("; Secure"), expected, "TRUST_PROXY={trust}: {line}");
    }
}

#[test]
fn bodies_that_are_not_taken_are_refused_as_the_library_refuses() {
    let server = Server::testbed(&[]);
    let visitor = Curl::new(&server);
    for (path, body, expected) in [
        ("/session", "{", "malformed_json"),
        ("/session", "[]", "value_rejected"),
        ("/reload", "", "malformed_json"),
        ("/login", r#"{"user": 1}"#, "value_rejected"),
        ("/cookies", r#"{"list": [{"name": "a b", "value": 1}]}"#, "value_rejected"),
    ] {
        assert_eq!(visitor.write("POST", path, body).problem(), expected, "{path} {body}");
    }
    let form = visitor.send("POST", "/login", &["--data", "user=alice"]);
    assert_eq!((form.status, form.problem().as_str()), (415, "unsupported_media_type"));
    assert!(visitor.session_cookie().is_none(), "a session has begun");
}
