//! The one percent codec: what JavaScript's `encodeURIComponent` and `decodeURIComponent` do.
//!
//! ```
//! use twinjar_shared::cookie::percent;
//!
//! assert_eq!(percent::encode("a b;ü"), "a%20b%3B%C3%BC");
//! assert_eq!(percent::decode("a%20b%3B%C3%BC").unwrap(), "a b;ü");
//! assert_eq!(percent::decode("100%"), None);
//! ```

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use memchr::memchr;

use super::class::{self, UNESCAPED};

/// Encodes every octet but `A-Z a-z 0-9 - _ . ! ~ * ' ( )`. Nothing is copied where there is nothing to encode.
#[must_use]
pub fn encode(text: &str) -> Cow<'_, str> {
    let escapes = text.bytes().filter(|&b| !class::is(b, UNESCAPED)).count();
    if escapes == 0 {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2 * escapes);
    for byte in text.bytes() {
        if class::is(byte, UNESCAPED) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
        }
    }
    Cow::Owned(out)
}

/// Undoes [`encode`]. `None` if a `%` is not followed by two hexadecimal digits, or if what comes out is not UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    decode_bytes(text.as_bytes())
}

/// As [`decode`], for bytes that may not be UTF-8 themselves.
pub(crate) fn decode_bytes(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'%', bytes) else {
        return core::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    };
    let (plain, mut rest) = bytes.split_at_checked(first)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(plain);
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let [high, low, tail @ ..] = rest else { return None };
        out.push(hex_value(*high)? << 4 | hex_value(*low)?);
        rest = tail;
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

fn hex_digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble })
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
