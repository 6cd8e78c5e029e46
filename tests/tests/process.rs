//! The demo server as a program: how it starts, how it ends, and what it says.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
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
