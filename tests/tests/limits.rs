//! What the demo server does not take: too large, too slow, too much at once. Each has an answer with a code.

use std::time::{Duration, Instant};

use twinjar_tests::{Connection, Curl, Server};

/// A connection on which something was sent.
fn send(server: &Server, text: &str) -> Connection {
    let mut connection = Connection::open(server.origin());
    connection.send(text);
    connection
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

#[test]
fn large_headers_and_bodies_are_refused_on_every_route() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    let file = tempfile::NamedTempFile::new().expect("a file can be made");
    std::fs::write(file.path(), "x".repeat(129 * 1024)).expect("the file can be written");
    let data = format!("@{}", file.path().display());
    let header = format!("X-Filler: {}", "x".repeat(33 * 1024));
    for path in ["/api/login", "/api/logout", "/healthz", "/api/session/data/note"] {
        let refused = visitor.send("POST", path, &["--data-binary", &data, "--header", "Expect:"]);
        assert_eq!((refused.status, refused.problem().as_str()), (413, "value_too_large"), "{path}");
        let chunked =
            ["--data-binary", &data, "--header", "Transfer-Encoding: chunked", "--header", "Expect:"];
        let refused = visitor.send("POST", path, &chunked);
        assert_eq!((refused.status, refused.problem().as_str()), (413, "value_too_large"), "{path}, chunked");
        let refused = visitor.send("GET", path, &["--header", &header]);
        assert_eq!((refused.status, refused.problem().as_str()), (431, "header_too_large"), "{path}");
        assert_eq!(refused.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    assert_eq!(visitor.jar(), [], "a refused request set a cookie");
}

#[test]
fn who_is_still_sending_reads_the_refusal_too() {
    let server = Server::demo();
    let head =
        "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 614400\r\n\r\n";
    let mut connection = send(&server, head);
    // A server that answers and hangs up at once has done so by now.
    std::thread::sleep(Duration::from_millis(300));
    for _ in 0..600 {
        connection.send(&"x".repeat(1024));
    }
    let text = connection.rest().to_lowercase();
    assert!(text.starts_with("http/1.1 413 ") && text.contains("value_too_large"), "{text}");
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::demo();
    let begun = Instant::now();
    let head = "PUT /api/session/data/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n\"plum";
    let text = send(&server, head).rest().to_lowercase();
    assert!(text.starts_with("http/1.1 408 ") && text.contains("request_timeout"), "{text}");
    assert!(!text.contains("set-cookie") && begun.elapsed() >= Duration::from_secs(9), "{text}");
}

#[test]
fn a_header_that_does_not_come_is_not_waited_for() {
    let server = Server::demo();
    let begun = Instant::now();
    let text = send(&server, "GET /healthz HTTP/1.1\r\nHost: 127").rest();
    assert_eq!(text, "", "to half a header there is no answer");
    let elapsed = begun.elapsed();
    assert!((9..20).contains(&elapsed.as_secs()), "the server hangs up after {elapsed:?}");
}

#[test]
fn a_connection_too_many_is_told_when_to_come_back() {
    let server = Server::demo_with(&["--max-connections", "2"]);
    let held = [(); 2].map(|()| {
        let mut connection = send(&server, HEALTH);
        assert!(connection.some().starts_with("HTTP/1.1 200 "));
        connection
    });
    let text = send(&server, HEALTH).rest().to_lowercase();
    assert!(text.starts_with("http/1.1 503 ") && text.contains("retry-after: 2"), "{text}");
    assert!(text.contains("application/problem+json") && text.contains("\"overloaded\""), "{text}");
    drop(held);
    let deadline = Instant::now() + Duration::from_secs(30);
    let last = HEALTH.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    while !send(&server, &last).rest().starts_with("HTTP/1.1 200 ") {
        assert!(Instant::now() < deadline, "a place that was left is not given away");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn one_event_stream_too_many_is_told_when_to_come_back() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    assert_eq!(visitor.write("PUT", "/api/session/data/note", "\"plum\"").status, 204);
    let id = visitor.session_cookie().expect("a session");
    let request = format!(
        "GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}={}\r\n\r\n",
        id.name, id.value
    );
    let mut held = Vec::new();
    for _ in 0..16 {
        let mut stream = send(&server, &request);
        let head = stream.some();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        held.push(stream);
    }
    let refused = visitor.get("/api/session/events");
    assert_eq!((refused.status, refused.problem().as_str()), (429, "too_many_requests"));
    assert_eq!(refused.header("retry-after"), Some("2"));
}

/// Login CSRF: without a session there is no token, and yet no other site can log a visitor in.
#[test]
fn no_other_site_logs_a_visitor_in() {
    const ALICE: &str = r#"{"username":"alice","password":"wonderland"}"#;
    let server = Server::demo();
    let form = ["--header", "Content-Type: text/plain", "--data", ALICE];
    for (who, headers, code) in [
        ("another site", &["--header", "Sec-Fetch-Site: cross-site"][..], "cross_site_request"),
        ("a neighbour", &["--header", "Sec-Fetch-Site: same-site"], "cross_site_request"),
        ("an old browser", &["--header", "Origin: https://evil.example"], "cross_site_request"),
        ("a hidden origin", &["--header", "Origin: null"], "cross_site_request"),
        ("a form without any header", &[], "csrf_token_invalid"),
    ] {
        for path in ["/api/login", "/api/logout"] {
            let visitor = Curl::new(&server);
            let refused = visitor.send("POST", path, &[headers, &form].concat());
            assert_eq!((refused.status, refused.problem().as_str()), (403, code), "{who}, {path}");
            assert_eq!(visitor.jar(), [], "{who} began a session");
        }
    }
}
