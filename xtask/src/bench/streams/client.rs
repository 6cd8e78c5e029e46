//! Visitors who begin a session each, and watch it. Plain sockets: ten thousand of them need no more.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

const PATIENCE: Duration = Duration::from_secs(10);

/// The cookie of each visitor.
pub(super) struct Visitors(Vec<String>);

/// Open event streams; dropping them closes them.
pub(super) struct Streams(Vec<TcpStream>);

impl Visitors {
    /// Begins that many sessions, one after the other.
    pub(super) fn begin(address: SocketAddr, count: u32) -> Result<Self> {
        let mut stream = BufReader::new(connect(address)?);
        let cookies = (0..count).map(|_| begin_one(&mut stream)).collect::<Result<_>>()?;
        Ok(Self(cookies))
    }

    pub(super) fn cookies(&self) -> &[String] {
        &self.0
    }

    /// Opens an event stream for each session.
    pub(super) fn watch(&self, address: SocketAddr) -> Result<Streams> {
        let watch = |cookie: &String| -> Result<TcpStream> {
            let mut stream = connect(address)?;
            let request =
                format!("GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n");
            stream.write_all(request.as_bytes())?;
            let mut start = [0; 12];
            stream.read_exact(&mut start).context("a stream was not opened")?;
            ensure!(&start == b"HTTP/1.1 200", "a stream was refused: {}", String::from_utf8_lossy(&start));
            stream.set_nonblocking(true)?;
            Ok(stream)
        };
        self.0.iter().map(watch).collect::<Result<_>>().map(Streams)
    }
}

impl Streams {
    /// Whether the server has kept them all; what it has sent is read on the way.
    pub(super) fn all_open(&self) -> bool {
        let mut sent = [0; 4096];
        self.0.iter().all(|mut stream| {
            loop {
                match stream.read(&mut sent) {
                    Ok(0) => return false,
                    Ok(_) => {}
                    Err(error) => return error.kind() == ErrorKind::WouldBlock,
                }
            }
        })
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).context("the server takes no more connections")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Over a connection that stays. The answer has no body.
fn begin_one(stream: &mut BufReader<TcpStream>) -> Result<String> {
    const REQUEST: &str = "PUT /api/session/data/note HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
        Content-Length: 6\r\n\r\n\"plum\"";
    stream.get_mut().write_all(REQUEST.as_bytes())?;
    let mut cookies = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(stream.read_line(&mut line)? > 0, "the server has closed the connection");
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("set-cookie")
        {
            cookies.extend(value.split(';').next().map(str::to_owned));
        }
    }
    ensure!(!cookies.is_empty(), "a new session came without a cookie");
    Ok(cookies.join("; "))
}
