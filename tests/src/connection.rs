//! A connection without a client in between: what is sent and what comes back are the bytes themselves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A TCP connection to a server of a test.
#[derive(Debug)]
pub struct Connection(TcpStream);

impl Connection {
    /// Connects to `http://HOST:PORT`.
    #[must_use]
    pub fn open(origin: &str) -> Self {
        let address = origin.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a timeout can be set");
        Self(stream)
    }

    /// Sends text as it is.
    pub fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("the server reads");
    }

    /// What comes next; nothing where the server has closed the connection.
    pub fn some(&mut self) -> String {
        let mut some = [0; 4096];
        let length = self.0.read(&mut some).expect("an answer");
        String::from_utf8_lossy(&some[..length]).into_owned()
    }

    /// What comes until the server closes the connection.
    pub fn rest(mut self) -> String {
        let mut rest = Vec::new();
        // A reset after the answer is as good as an end.
        let _ = self.0.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }
}
