//! The demo server as a program: how it starts, how it ends, and what it says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use twinjar_tests::demo_server;

/// Ends the program with the test, however that ends.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Guard {
    let mut command = Command::new(demo_server());
    command.args(arguments).env("TWINJAR_STORE", "memory").env("RUST_LOG", "warn");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Guard(command.spawn().expect("the server can be started"))
}

fn wait(server: &mut Guard) -> i32 {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = server.0.try_wait().expect("the server is a child") {
            return status.code().expect("the server ended by itself");
        }
        assert!(Instant::now() < deadline, "the server does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_says_where_it_listens_and_ends_cleanly_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let mut server = start(&["--listen", "127.0.0.1:0"]);
        let output = server.0.stdout.take().expect("standard output is a pipe");
        let mut lines = BufReader::new(output).lines();
        let line = lines.find_map(|line| line.ok().filter(|line| line.contains("twinjar demo: ")));
        let line = line.expect("the server says where it listens");
        assert!(line.contains("http://127.0.0.1:") && !line.contains(":0/"), "{line}");

        let pid = server.0.id().to_string();
        let killed =
            Command::new("kill").args([&format!("-{signal}"), &pid]).status().expect("kill can be started");
        assert!(killed.success());
        assert_eq!(wait(&mut server), 0, "SIG{signal}");
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
    let output = Command::new(demo_server()).arg("--help").output().expect("the server can be started");
    let help = String::from_utf8_lossy(&output.stdout);
    for words in ["Examples:", "--trust-proxy", "TWINJAR_MAX_CONNECTIONS", "/readyz", "alice / wonderland"] {
        assert!(help.contains(words), "{words} is not in {help}");
    }
    assert!(!help.contains('\x1b'), "colours in a pipe");

    let mut server = start(&["--listen", "127.0.0.1:0"]);
    let output = server.0.stdout.take().expect("standard output is a pipe");
    let line = BufReader::new(output)
        .lines()
        .find_map(|line| line.ok()?.strip_prefix("twinjar demo: ").map(str::to_owned));
    let url = line.expect("the server says where it listens");
    let refused = Command::new("curl")
        .args([
            "--silent",
            "--output",
            "/dev/null",
            "--request",
            "POST",
            "--header",
            "Origin: https://evil.example",
        ])
        .arg(format!("{url}api/count"))
        .status();
    assert!(refused.is_ok_and(|status| status.success()));
    let killed = Command::new("kill").arg(server.0.id().to_string()).status().expect("kill can be started");
    assert!(killed.success());
    assert_eq!(wait(&mut server), 0);
    let mut said = String::new();
    server.0.stderr.as_mut().expect("standard error is a pipe").read_to_string(&mut said).expect("text");
    assert!(said.contains("request refused") && said.contains("cross_site_request"), "{said}");
    assert!(!said.contains('\x1b'), "colours in a pipe: {said}");
}

#[test]
fn requests_under_way_end_before_the_server_does_and_event_streams_with_it() {
    let mut server = start(&["--listen", "127.0.0.1:0"]);
    let output = server.0.stdout.take().expect("standard output is a pipe");
    let line = BufReader::new(output)
        .lines()
        .find_map(|line| line.ok()?.strip_prefix("twinjar demo: http://").map(str::to_owned));
    let address = line.expect("the server says where it listens").trim_end_matches('/').to_owned();
    let send = |text: &str| {
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
        stream.write_all(text.as_bytes()).expect("the server reads");
        stream
    };
    let head = "PUT /api/session/data/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n";
    let mut begun = send(&format!("{head}\"plum\""));
    let mut answer = [0; 4096];
    let length = begun.read(&mut answer).expect("an answer");
    let text = String::from_utf8_lossy(&answer[..length]).into_owned();
    let cookie = text.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookie = cookie.expect("a session has a cookie").to_owned();
    let mut events =
        send(&format!("GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"));
    assert!(events.read(&mut answer).expect("a stream") > 0);
    let mut slow = send(&format!("{head}\"pl"));
    std::thread::sleep(Duration::from_millis(300));

    let killed = Command::new("kill").arg(server.0.id().to_string()).status().expect("kill can be started");
    assert!(killed.success());
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.0.try_wait().expect("the server is a child").is_none(), "it did not wait for the request");
    slow.write_all(b"um\"").expect("the server still reads");
    let mut text = String::new();
    slow.read_to_string(&mut text).expect("an answer, then the end");
    assert!(text.starts_with("HTTP/1.1 204 "), "{text}");
    let mut rest = String::new();
    events.read_to_string(&mut rest).expect("the stream has an end");
    assert!(rest.ends_with("0\r\n\r\n"), "the stream broke off: {rest:?}");
    assert_eq!(wait(&mut server), 0);
}
