//! What the npm package's JavaScript calls. Names are short because the glue repeats them; `js/lib/engine.js` gives
//! each its long one.

use alloc::string::String;
use alloc::vec::Vec;

use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, Domain, Path, RawValue, SameSite, SetCookie,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Where the cookies of a `Cookie` header or of `document.cookie` stand in it.
///
/// Four positions a cookie: start and end of its name, start and end of its value, in UTF-16 units as JavaScript
/// counts them, so that JavaScript slices its own string and none is copied back.
#[wasm_bindgen(js_name = p)]
#[must_use]
pub fn parse(header: &str) -> Vec<u32> {
    let mut positions = Vec::new();
    let mut place = Place { header, bytes: 0, units: 0 };
    for pair in CookieHeader::new(header.as_bytes()).pairs() {
        for piece in [pair.name, pair.value] {
            let start = place.start_of(piece);
            positions.push(place.advance(start));
            positions.push(place.advance(start + piece.len()));
        }
    }
    positions
}

/// A position in a text, counted in bytes and in UTF-16 units, that only goes forward.
struct Place<'a> {
    header: &'a str,
    bytes: usize,
    units: u32,
}

impl Place<'_> {
    /// Where a piece of the header begins. An empty piece may not be one (a nameless cookie's name): it is put here.
    fn start_of(&self, piece: RawValue<'_>) -> usize {
        if piece.is_empty() {
            return self.bytes;
        }
        piece.as_bytes().as_ptr() as usize - self.header.as_ptr() as usize
    }

    fn advance(&mut self, to: usize) -> u32 {
        for &byte in self.header.as_bytes().get(self.bytes..to).unwrap_or_default() {
            // A continuation byte adds none; a four-byte sequence is a surrogate pair.
            self.units += u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0);
        }
        self.bytes = to;
        self.units
    }
}

/// The line that sets a cookie through `document.cookie`, or the code and the message, separated by a line feed, of
/// what is wrong with it. Only the first has a `=` before any line feed.
///
/// `value` is percent-encoded where it has to be; lifetimes are NaN where they are not given, `max_age` in seconds,
/// `expires` in seconds since the Unix epoch. For `flags` see [`Flags`].
#[wasm_bindgen(js_name = w)]
#[must_use]
pub fn write(
    name: &str,
    value: &str,
    domain: Option<String>,
    path: Option<String>,
    max_age: f64,
    expires: f64,
    flags: u32,
) -> String {
    match line(name, value, domain.as_deref(), path.as_deref(), max_age, expires, Flags(flags)) {
        Ok(line) => line,
        Err((code, message)) => {
            let mut answer = String::from(code);
            answer.push('\n');
            answer.push_str(message);
            answer
        }
    }
}

/// What is said in bits: 1 Secure, 2 Partitioned, 4 and 8 SameSite (0 not given, 1 Strict, 2 Lax, 3 None),
/// 16 the cookie is removed.
#[derive(Clone, Copy)]
struct Flags(u32);

impl Flags {
    fn secure(self) -> bool {
        self.0 & 1 != 0
    }

    fn partitioned(self) -> bool {
        self.0 & 2 != 0
    }

    fn same_site(self) -> Option<SameSite> {
        [None, Some(SameSite::Strict), Some(SameSite::Lax), Some(SameSite::None)][(self.0 >> 2 & 3) as usize]
    }

    fn removal(self) -> bool {
        self.0 & 16 != 0
    }
}

fn line(
    name: &str,
    value: &str,
    domain: Option<&str>,
    path: Option<&str>,
    max_age: f64,
    expires: f64,
    flags: Flags,
) -> Result<String, (&'static str, &'static str)> {
    macro_rules! valid {
        ($result:expr) => {
            $result.map_err(|error| (error.code(), error.message()))?
        };
    }
    let mut cookie = SetCookie::new(valid!(CookieName::new(name)), valid!(CookieValue::new(value)))
        .secure(flags.secure())
        .partitioned(flags.partitioned());
    if let Some(domain) = domain {
        cookie = cookie.domain(valid!(Domain::new(domain)));
    }
    if let Some(path) = path {
        cookie = cookie.path(valid!(Path::new(path)));
    }
    if let Some(same_site) = flags.same_site() {
        cookie = cookie.same_site(same_site);
    }
    if let Some(seconds) = seconds(max_age) {
        cookie = cookie.max_age(seconds);
    }
    if let Some(seconds) = seconds(expires) {
        cookie = cookie.expires(seconds);
    }
    if flags.removal() {
        cookie = cookie.removal();
    }
    Ok(valid!(cookie.build()))
}

// JavaScript numbers: a fraction is cut, what no i64 holds becomes the nearest that one does.
fn seconds(number: f64) -> Option<i64> {
    if number.is_nan() { None } else { Some(number as i64) }
}
