#![allow(clippy::unwrap_used)]

use alloc::format;
use alloc::vec::Vec;

use super::*;

fn pairs(header: &str) -> Vec<(&str, &str)> {
    let pairs = CookieHeader::new(header.as_bytes()).pairs();
    pairs.map(|pair| (pair.name.as_str().unwrap(), pair.value.as_str().unwrap())).collect()
}

#[test]
fn splitting() {
    type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
    let rows: &[Row] = &[
        ("nothing", "", &[]),
        ("one", "a=b", &[("a", "b")]),
        ("two", "a=b; c=d", &[("a", "b"), ("c", "d")]),
        ("no space", "a=b;c=d", &[("a", "b"), ("c", "d")]),
        ("spaces and tabs are trimmed", " \ta \t=\t b c \t; d=e ", &[("a", "b c"), ("d", "e")]),
        ("other white space is kept", "a=\u{a0}b\u{b}", &[("a", "\u{a0}b\u{b}")]),
        ("the first = splits", "a=b=c==", &[("a", "b=c==")]),
        ("duplicates", "a=1; a=2; A=3", &[("a", "1"), ("a", "2"), ("A", "3")]),
        ("no =", "a", &[("", "a")]),
        ("no name", "=a", &[("", "a")]),
        ("no value", "a=", &[("a", "")]),
        ("only =", "=", &[("", "")]),
        ("empty parts", ";; a=b ; ;", &[("a", "b")]),
        ("quotes do not protect", "a=\"b;c\"", &[("a", "\"b"), ("", "c\"")]),
        ("quotes are kept", "a=\"b c\"", &[("a", "\"b c\"")]),
        ("nothing is decoded", "a%20b=c%20d+e", &[("a%20b", "c%20d+e")]),
        ("commas do not split", "a=b, c=d", &[("a", "b, c=d")]),
        (
            "attributes are cookies",
            "$Version=1; a=b; $Path=/",
            &[("$Version", "1"), ("a", "b"), ("$Path", "/")],
        ),
        ("control characters", "a\0=b\r\n", &[("a\0", "b\r\n")]),
    ];
    for (row, header, expected) in rows {
        assert_eq!(pairs(header), *expected, "{row}");
    }
}

#[test]
fn bytes_need_not_be_text() {
    let header = CookieHeader::new(b"a=\xff\x80; \xfe=1");
    let value = header.get("a").unwrap();
    assert_eq!(value.as_bytes(), b"\xff\x80");
    assert_eq!((value.as_str(), &*value.decode()), (None, "\u{fffd}\u{fffd}"));
    assert_eq!(header.pairs().nth(1).unwrap().name.as_bytes(), b"\xfe");
}

#[test]
fn finding() {
    type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);
    let rows: &[Row] = &[
        ("first and only", "a=b", "a", &["b"]),
        ("in the middle", "a=1; b=2; c=3", "b", &["2"]),
        ("duplicates in order", "a=1; b=2; a=3", "a", &["1", "3"]),
        ("case counts", "A=1; a=2", "a", &["2"]),
        ("end of another name", "xa=1; a=2", "a", &["2"]),
        ("start of another name", "ax=1; a=2", "a", &["2"]),
        ("inside a value", "b=a; c=a=1; d= a=1; a=2", "a", &["2"]),
        ("a value after spaces", "b=x a=1; a=2", "a", &["2"]),
        ("twice in one name", "aa=1; a=2", "a", &["2"]),
        ("overlapping itself", "aab=1; ab=2", "ab", &["2"]),
        ("with spaces around", "b=1;\t a \t= 2 ", "a", &["2"]),
        ("with a space inside", "a b=1; a=2", "a b", &["1"]),
        ("as a nameless value", "a; a=1", "a", &["1"]),
        ("nameless", "a=1; b; =c", "", &["b", "c"]),
        ("none", "a=1", "b", &[]),
        ("in nothing", "", "a", &[]),
        ("a name with =", "a=b=c", "a=b", &[]),
        ("a name with ;", "a;b=c", "a;b", &[]),
        ("a name with a space before", " a=1", " a", &[]),
        ("a name with a tab behind", "a\t=1", "a\t", &[]),
        ("non-ASCII", "ключ=1", "ключ", &["1"]),
    ];
    for (row, header, name, expected) in rows {
        let header = CookieHeader::new(header.as_bytes());
        let found: Vec<_> = header.get_all(name).map(|value| value.as_str().unwrap()).collect();
        assert_eq!(found, *expected, "{row}");
        assert_eq!(header.get(name).and_then(RawValue::as_str), expected.first().copied(), "{row}");
    }
}

#[test]
fn values_are_unquoted_and_decoded_on_request() {
    let header = CookieHeader::new(br#"a="b%20c"; d="; e=""; f="%"; g=%41%"#);
    let rows = [("a", "b c"), ("d", "\""), ("e", ""), ("f", "%"), ("g", "%41%")];
    for (name, expected) in rows {
        assert_eq!(header.get(name).unwrap().unquoted().decode(), expected, "{name}");
    }
}

#[test]
fn debug_hides_values() {
    let header = CookieHeader::new(b"id=secret");
    let printed = format!("{header:?} {:?}", header.pairs().next().unwrap());
    assert!(printed.contains("id") && !printed.contains("secret"), "{printed}");
}
