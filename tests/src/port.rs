//! Ports for servers that cannot choose one themselves. It needs nothing of this crate: other tests include the file.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that the system gives to whoever asks for any: nobody takes the port before the server does. A cluster's
/// nodes also use the one 10,000 above.
const FIRST: u16 = 10_240;
const COUNT: u16 = 20_000;

/// A port on 127.0.0.1 that nobody listens at. Whoever includes this gets none twice, and others begin elsewhere.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let place = module_path!()
        .bytes()
        .fold(std::process::id(), |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let start = place.wrapping_mul(7_919) % u32::from(COUNT);
    loop {
        let offset = start + u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from(offset % u32::from(COUNT)).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
