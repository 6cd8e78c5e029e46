//! A request's cookies as the npm package `cookie` reads them, of which cookie-parser makes its own.

use std::borrow::Cow;

use twinjar_shared::cookie::percent;

use crate::cookies::CookieHeaders;

/// A cookie as it was sent, without what stands around its name and value.
#[derive(Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) name: &'a [u8],
    value: &'a [u8],
}

/// All cookies, in the order they were sent, duplicates too. What has no `=` is none; a name may be empty.
pub(super) fn received(headers: &CookieHeaders) -> impl Iterator<Item = Received<'_>> {
    // The package takes two characters for the least that a header has; further headers are longer together.
    let is_too_short = headers.values().map(|value| value.len() + 2).sum::<usize>() < 4;
    let parts = headers.values().flat_map(|value| value.split(|&byte| byte == b';'));
    parts.filter(move |_| !is_too_short).filter_map(Received::parse)
}

impl<'a> Received<'a> {
    fn parse(part: &'a [u8]) -> Option<Self> {
        let at = part.iter().position(|&byte| byte == b'=')?;
        let (name, value) = (trimmed(&part[..at]), trimmed(&part[at + 1..]));
        // An object of JavaScript's has no room for it: a text does not become its prototype.
        (name != b"__proto__").then_some(Self { name, value: unquoted(value) })
    }

    /// The name. As Node.js reads headers, a byte is a character.
    pub(super) fn name_text(self) -> String {
        latin_1(self.name)
    }

    /// Whether it has this name.
    pub(super) fn is_named(self, name: &str) -> bool {
        self.name.iter().copied().map(char::from).eq(name.chars())
    }

    /// The decoded value; one that cannot be decoded stays as it is.
    pub(super) fn text(self) -> String {
        let text = latin_1(self.value);
        percent::decode(&text).map(Cow::into_owned).unwrap_or(text)
    }
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// A single quote is a pair to the package.
const fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"'] => b"",
        [b'"', inner @ .., b'"'] => inner,
        _ => value,
    }
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
