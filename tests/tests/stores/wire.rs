//! Plain HTTP on one connection that is kept: a writer that makes more requests a second than curl can be started.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use twinjar_tests::Server;

/// A visitor who carries one cookie.
pub(crate) struct Wire {
    connection: Option<BufReader<TcpStream>>,
    host: String,
    cookie: String,
}

/// Status and body.
pub(crate) type Said = (u16, Value);

impl Wire {
    /// A visitor without a session, or with that of a cookie.
    pub(crate) fn new(server: &Server, cookie: &str) -> Self {
        let host = server.origin().trim_start_matches("http://").to_owned();
        Self { connection: None, host, cookie: cookie.to_owned() }
    }

    /// A visitor with a new session, whose `n` is 1.
    pub(crate) fn visitor(server: &Server) -> Self {
        let mut visitor = Self::new(server, "");
        assert_eq!(visitor.ask("POST", "/new").expect("an answer").0, 200);
        visitor
    }

    /// The same visitor at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self::new(server, &self.cookie)
    }

    /// The cookie's value.
    pub(crate) fn secret(&self) -> &str {
        self.cookie.split_once('=').expect("a visitor with a session has a cookie").1
    }

    /// `None`: the server was gone before it answered.
    pub(crate) fn ask(&mut self, method: &str, path: &str) -> Option<Said> {
        let answered = self.exchange(method, path);
        if answered.is_none() {
            self.connection = None;
        }
        answered
    }

    /// The session's `n`, after what `path` does to it.
    pub(crate) fn n(&mut self, method: &str, path: &str) -> u64 {
        let said = self.ask(method, path).expect("an answer");
        let number = if path == "/read" { &said.1["n"] } else { &said.1["session"]["n"] };
        number.as_u64().unwrap_or_else(|| panic!("{method} {path}: {said:?}"))
    }

    fn exchange(&mut self, method: &str, path: &str) -> Option<Said> {
        if self.connection.is_none() {
            let connection = TcpStream::connect(&self.host).ok()?;
            connection.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
            connection.set_nodelay(true).ok()?;
            self.connection = Some(BufReader::new(connection));
        }
        let connection = self.connection.as_mut()?;
        let Self { host, cookie, .. } = self;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n"
        );
        connection.get_mut().write_all(request.as_bytes()).ok()?;
        let status = line(connection)?.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            let line = line(connection)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                // The companion cookie, which a page's scripts read, is of no use here.
                "set-cookie" if !value.contains("Max-Age=0") && value.contains("HttpOnly") => {
                    cookie.clear();
                    cookie.push_str(value.trim().split(';').next()?);
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        connection.read_exact(&mut body).ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// Without its end; `None` at the end of the connection.
fn line(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    connection.read_line(&mut line).ok().filter(|&read| read > 0)?;
    Some(line.trim_end().to_owned())
}
