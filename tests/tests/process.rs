//! The demo server as a program: how it starts, how it ends, and what it says.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use twinjar_tests::{Connection, Curl, demo_server};

/// Ends the program with the test, however that ends.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Guard {
    let mut command = demo_server();
    if !arguments.contains(&"--store") {
        command.args(["--store", "memory"]);
    }
    command.args(arguments);
    spawn(command, Stdio::piped())
}

fn spawn(mut command: Command, errors: impl Into<Stdio>) -> Guard {
    command.env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
    Guard(command.spawn().expect("the server can be started"))
}

/// Where the server says that it listens: `http://HOST:PORT`.
fn origin(server: &mut Guard) -> String {
    let output = server.0.stdout.take().expect("standard output is a pipe");
    let mut lines = BufReader::new(output).lines();
    let url = lines.find_map(|line| line.ok()?.strip_prefix("twinjar demo: ").map(str::to_owned));
    url.expect("the server says where it listens").trim_end_matches('/').to_owned()
}

fn signal(server: &Guard, signal: Signal) {
    kill_process(Pid::from_child(&server.0), signal).expect("the server runs");
}

fn wait(server: &mut Guard) -> i32 {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = server.0.try_wait().expect("the server is a child") {
            return status.code().expect("the server ended by itself");
        }
        assert!(Instant::now() < deadline, "the server does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Has the server log something, and stops it.
fn refuse_and_end(server: &mut Guard) {
    let visitor = Curl::at(&origin(server));
    let refused = visitor.send("POST", "/api/count", &["--header", "Origin: https://evil.example"]);
    assert_eq!(refused.status, 403);
    signal(server, Signal::TERM);
    assert_eq!(wait(server), 0);
}

#[test]
fn it_says_where_it_listens_and_ends_cleanly_on_a_signal() {
    for which in [Signal::INT, Signal::TERM] {
        let mut server = start(&["--listen", "127.0.0.1:0"]);
        let origin = origin(&mut server);
        assert!(origin.starts_with("http://127.0.0.1:") && !origin.ends_with(":0"), "{origin}");
        signal(&server, which);
        assert_eq!(wait(&mut server), 0, "{which:?}");
    }
}

#[test]
fn a_port_in_use_is_told_in_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut server = start(&["--listen", &address]);
    assert_ne!(wait(&mut server), 0);
    let mut said = String::new();
    let errors = server.0.stderr.as_mut().expect("standard error is a pipe");
    errors.read_to_string(&mut said).expect("standard error can be read");
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

#[test]
fn a_wrong_flag_is_told_with_the_right_ones() {
    let mut server = start(&["--lissen", "127.0.0.1:0"]);
    assert_eq!(wait(&mut server), 2);
    let mut said = String::new();
    let errors = server.0.stderr.as_mut().expect("standard error is a pipe");
    errors.read_to_string(&mut said).expect("standard error can be read");
    assert!(said.contains("--listen"), "{said}");
}

/// Every flag has a twin in the environment.
#[test]
fn the_environment_sets_what_flags_do() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (database, secrets) = (folder.path().join("sessions.sqlite"), folder.path().join("secrets"));
    std::fs::write(&secrets, "a secret of thirty-two bytes, or more\n").expect("a file can be written");
    let mut command = demo_server();
    command
        .env("TWINJAR_LISTEN", "127.0.0.1:0")
        .env("TWINJAR_STORE", format!("sqlite:{}", database.display()));
    command.env("TWINJAR_SECRET_FILE", &secrets).env("TWINJAR_TRUST_PROXY", "1");
    command.env("TWINJAR_IDLE", "90s").env("TWINJAR_ABSOLUTE", "2m").env("TWINJAR_EXPRESS_COMPAT", "no");
    command.env("TWINJAR_METRICS_LISTEN", "127.0.0.1:0").env("TWINJAR_MAX_CONNECTIONS", "100");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Guard(command.spawn().expect("the server can be started"));
    let visitor = Curl::at(&origin(&mut server));
    assert_eq!(visitor.write("PUT", "/api/session/data/note", "\"plum\"").status, 204);
    let view = visitor.get("/api/session").json();
    let life = |end: &str| view[end].as_u64().expect("a time") - view["createdAt"].as_u64().expect("a time");
    assert!((90_000..95_000).contains(&life("idleExpiresAt")), "{view}");
    assert_eq!(life("absoluteExpiresAt"), 120_000);
    assert!(database.is_file() && !folder.path().join("sessions.sqlite.secret").exists());
    assert_eq!(visitor.get("/metrics").status, 404, "they have an address of their own");

    for (twin, value) in [
        ("LISTEN", "nowhere"),
        ("STORE", "mysql://db/shop"),
        ("SECRET_FILE", "/nonexistent/secrets"),
        ("TRUST_PROXY", "perhaps"),
        ("IDLE", "soon"),
        ("ABSOLUTE", "0s"),
        ("EXPRESS_COMPAT", "perhaps"),
        ("METRICS_LISTEN", "nowhere"),
        ("MAX_CONNECTIONS", "0"),
    ] {
        let output = demo_server().env(format!("TWINJAR_{twin}"), value).output().expect("it can be started");
        assert!(!output.status.success(), "TWINJAR_{twin}={value} is taken");
    }
}

#[test]
fn express_mode_says_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let secrets = folder.path().join("secrets");
    std::fs::write(&secrets, "keyboard cat\n").expect("a file can be written");
    let secrets = secrets.to_str().expect("a path of this test's own");
    for (arguments, word) in [
        (&[][..], "--secret-file"),
        (&["--secret-file", secrets], "--store"),
        (&["--secret-file", secrets, "--absolute", "8h"], "--absolute"),
        (&["--secret-file", secrets, "--store", "redis://127.0.0.1:1/"], "cannot be reached"),
    ] {
        let mut server = start(&[&["--express-compat", "--listen", "127.0.0.1:0"], arguments].concat());
        assert_eq!(wait(&mut server), 1, "{arguments:?}");
        let mut said = String::new();
        server.0.stderr.as_mut().expect("standard error is a pipe").read_to_string(&mut said).expect("text");
        assert!(said.contains(word) && !said.contains("keyboard cat"), "{arguments:?}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
}

#[test]
fn help_teaches_with_examples_and_logs_are_plain_in_a_pipe() {
    let output = demo_server().arg("--help").output().expect("the server can be started");
    let help = String::from_utf8_lossy(&output.stdout);
    for words in ["Examples:", "--trust-proxy", "TWINJAR_MAX_CONNECTIONS", "/readyz", "alice / wonderland"] {
        assert!(help.contains(words), "{words} is not in {help}");
    }
    assert!(!help.contains('\x1b'), "colours in a pipe");

    let mut server = start(&["--listen", "127.0.0.1:0"]);
    refuse_and_end(&mut server);
    let mut said = String::new();
    server.0.stderr.as_mut().expect("standard error is a pipe").read_to_string(&mut said).expect("text");
    assert!(said.contains("request refused") && said.contains("cross_site_request"), "{said}");
    assert!(!said.contains('\x1b'), "colours in a pipe: {said}");
}

#[test]
fn logs_have_colours_on_a_terminal_unless_they_are_not_wanted() {
    for (no_color, has_colours) in [(None, true), (Some(""), true), (Some("1"), false)] {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let reading = openpt(flags).expect("a terminal can be made");
        unlockpt(&reading).expect("a terminal can be used");
        let terminal = ioctl_tiocgptpeer(&reading, flags).expect("a terminal has another side");
        let mut command = demo_server();
        command.args(["--listen", "127.0.0.1:0", "--store", "memory"]).env_remove("NO_COLOR");
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        let mut server = spawn(command, terminal);
        refuse_and_end(&mut server);
        let mut said = Vec::new();
        // When nobody holds the other side any more, the last read is an error.
        let _ = File::from(reading).read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("cross_site_request"), "NO_COLOR={no_color:?}: {said}");
        assert_eq!(said.contains('\x1b'), has_colours, "NO_COLOR={no_color:?}: {said:?}");
    }
}

#[test]
fn requests_under_way_end_before_the_server_does_and_event_streams_with_it() {
    let mut server = start(&["--listen", "127.0.0.1:0"]);
    let origin = origin(&mut server);
    let send = |text: &str| {
        let mut connection = Connection::open(&origin);
        connection.send(text);
        connection
    };
    let visitor = Curl::at(&origin);
    assert_eq!(visitor.write("PUT", "/api/session/data/note", "\"plum\"").status, 204);
    let id = visitor.session_cookie().expect("a session has a cookie");
    let mut events = send(&format!(
        "GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}={}\r\n\r\n",
        id.name, id.value
    ));
    assert!(events.some().starts_with("HTTP/1.1 200 "));
    let mut slow = send(
        "PUT /api/session/data/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Content-Length: 6\r\nExpect: 100-continue\r\n\r\n",
    );
    // The server asks for the body when it is at work on the request.
    assert_eq!(slow.some(), "HTTP/1.1 100 Continue\r\n\r\n");
    slow.send("\"pl");

    signal(&server, Signal::TERM);
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(origin.trim_start_matches("http://")).is_ok() {
        assert!(Instant::now() < deadline, "the server takes connections on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(server.0.try_wait().expect("the server is a child").is_none(), "it did not wait for the request");
    slow.send("um\"");
    let text = slow.rest();
    assert!(text.starts_with("HTTP/1.1 204 "), "{text}");
    let rest = events.rest();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream broke off: {rest:?}");
    assert_eq!(wait(&mut server), 0);
}
