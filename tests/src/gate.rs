//! A gate before a server, for pages that are watched while they load.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::Server;

/// An address of its own for a server. What is asked there passes, but for what is held back.
#[derive(Debug)]
pub struct Gate {
    origin: String,
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    prefixes: Mutex<Vec<&'static str>>,
    fewer: Condvar,
}

impl Gate {
    /// Holds back requests of paths that begin with one of these.
    #[must_use]
    pub fn before(server: &Server, prefixes: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let held = Arc::new(Held { prefixes: Mutex::new(prefixes.to_vec()), fewer: Condvar::new() });
        let (target, at_gate) = (server.origin().trim_start_matches("http://").to_owned(), Arc::clone(&held));
        // It ends with the tests, as do those of the connections.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (target, held) = (target.clone(), Arc::clone(&at_gate));
                std::thread::spawn(move || pass(client, &target, &held));
            }
        });
        Self { origin, held }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Lets pass what has been held back for this prefix, and what follows.
    pub fn release(&self, prefix: &str) {
        self.held.prefixes().retain(|held| *held != prefix);
        self.held.fewer.notify_all();
    }
}

impl Held {
    fn prefixes(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.prefixes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request, in the first bytes of its head, is not held back.
    fn wait(&self, request: &[u8]) {
        let is_held = |prefix: &&str| request.starts_with(format!("GET {prefix}").as_bytes());
        let waiting = self.fewer.wait_while(self.prefixes(), |held| held.iter().any(is_held));
        drop(waiting.unwrap_or_else(PoisonError::into_inner));
    }
}

fn pass(mut client: TcpStream, target: &str, held: &Held) -> io::Result<()> {
    let mut server = TcpStream::connect(target)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        // Whichever side hangs up first, the other is told.
        let _ = io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut piece = [0; 16 * 1024];
    loop {
        // Browsers send the head of a request in one piece, and the next after the answer.
        let length = client.read(&mut piece)?;
        if length == 0 {
            return server.shutdown(Shutdown::Write);
        }
        held.wait(&piece[..length]);
        server.write_all(&piece[..length])?;
    }
}
