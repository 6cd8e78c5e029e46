//! Connections on which nobody speaks are given up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use twinjar_tests::Server;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Without any settings: length 0, type 4, no flags, stream 0.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

#[test]
fn a_client_that_says_nothing_or_no_more_is_hung_up_on() {
    const PATIENCE: Duration = Duration::from_secs(90);
    let server = Server::demo();
    let address = server.origin().strip_prefix("http://").expect("an origin");
    std::thread::scope(|scope| {
        for (name, said) in [
            ("nothing", &[][..]),
            ("one byte", b"G"),
            ("a part of HTTP/2's preface", &PREFACE[..8]),
            ("HTTP/2, and no answer to a ping", &[PREFACE, SETTINGS].concat()),
        ] {
            let said = said.to_vec();
            scope.spawn(move || {
                let begun = Instant::now();
                let mut stream = TcpStream::connect(address).expect("the server listens");
                stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
                stream.write_all(&said).expect("the server reads");
                let mut answer = Vec::new();
                let end = stream.read_to_end(&mut answer).map_err(|error| error.kind());
                let is_over = matches!(end, Ok(_) | Err(std::io::ErrorKind::ConnectionReset));
                assert!(is_over, "{name}: still open after {:?}", begun.elapsed());
            });
        }
    });
    // Those that do speak are served, however their first bytes come.
    let mut stream = TcpStream::connect(address).expect("the server listens");
    for part in ["GET", " /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"] {
        stream.write_all(part.as_bytes()).expect("the server reads");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
