#![allow(clippy::unwrap_used)]

use super::*;
use crate::cookie::class::{self, COOKIE_OCTET};

#[test]
fn encoding() {
    let rows = [
        ("", ""),
        ("AZaz09-_.!~*'()", "AZaz09-_.!~*'()"),
        (" \"%&+,/:;<=>?@", "%20%22%25%26%2B%2C%2F%3A%3B%3C%3D%3E%3F%40"),
        ("\0\t\n\u{7f}", "%00%09%0A%7F"),
        ("é€😀", "%C3%A9%E2%82%AC%F0%9F%98%80"),
    ];
    for (text, encoded) in rows {
        assert_eq!(encode(text), encoded);
        assert_eq!(decode(encoded).unwrap(), text);
        assert!(class::all(encoded.as_bytes(), COOKIE_OCTET), "{encoded} can be sent");
    }
}

#[test]
fn decoding() {
    let rows = [
        ("small letters", "%c3%a9", Some("é")),
        ("plus is plain", "a+b", Some("a+b")),
        ("unencoded text is kept", "é %41", Some("é A")),
        ("once", "%2541", Some("%41")),
        ("cut", "%", None),
        ("cut after a digit", "a%4", None),
        ("not a digit", "%4g", None),
        ("a sign", "%+1", None),
        ("two percents", "%%41", None),
        ("not UTF-8", "%ff", None),
        ("cut inside a character", "%E2%82", None),
        ("overlong", "%C0%AF", None),
        ("surrogate", "%ED%A0%80", None),
    ];
    for (row, text, expected) in rows {
        assert_eq!(decode(text).as_deref(), expected, "{row}");
    }
}

#[test]
fn nothing_is_copied_where_nothing_changes() {
    assert!(matches!(encode("plain"), Cow::Borrowed("plain")));
    assert!(matches!(decode("plain"), Some(Cow::Borrowed("plain"))));
}
