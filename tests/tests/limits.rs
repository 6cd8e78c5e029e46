//! What the demo server does not take: too large, too slow, too much at once. Each has an answer with a code.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use twinjar_tests::{Curl, Server};

/// A connection without a client that would wait politely.
fn connect(server: &Server) -> TcpStream {
    let address = server.origin().strip_prefix("http://").expect("an origin");
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a timeout can be set");
    stream
}

fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).to_lowercase()
}

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
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::demo();
    let mut stream = connect(&server);
    let begun = Instant::now();
    let head = "PUT /api/session/data/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n\"plum";
    stream.write_all(head.as_bytes()).expect("the server reads");
    let text = answer(&mut stream);
    assert!(text.starts_with("http/1.1 408 ") && text.contains("request_timeout"), "{text}");
    assert!(!text.contains("set-cookie") && begun.elapsed() >= Duration::from_secs(9), "{text}");
}

#[test]
fn a_header_that_does_not_come_is_not_waited_for() {
    let server = Server::demo();
    let mut stream = connect(&server);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127").expect("the server reads");
    let begun = Instant::now();
    let text = answer(&mut stream);
    assert!(!text.contains(" 200 ") && begun.elapsed() < Duration::from_secs(20), "{text}");
}

#[test]
fn a_connection_too_many_is_told_when_to_come_back() {
    let server = Server::demo_with(&["--max-connections", "2"]);
    let held: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("the server reads");
            let mut some = [0; 512];
            assert!(stream.read(&mut some).expect("an answer") > 0);
            stream
        })
        .collect();
    let mut stream = connect(&server);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("the server reads");
    let text = answer(&mut stream);
    assert!(text.starts_with("http/1.1 503 ") && text.contains("retry-after: 2"), "{text}");
    assert!(text.contains("application/problem+json") && text.contains("\"overloaded\""), "{text}");
    drop(held);
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let mut stream = connect(&server);
        let request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        stream.write_all(request).expect("the server reads");
        if answer(&mut stream).starts_with("http/1.1 200 ") {
            break;
        }
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
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut some = [0; 512];
        let length = stream.read(&mut some).expect("an answer");
        assert!(some[..length].starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&some));
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
