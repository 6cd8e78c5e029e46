#![allow(clippy::unwrap_used)]

use alloc::format;
use alloc::vec::Vec;

use super::*;

fn parse(line: &str) -> Result<ReceivedCookie<'_>, IgnoreReason> {
    ReceivedCookie::parse(line.as_bytes())
}

#[test]
fn names_and_values() {
    let rows = [
        ("plain", "a=b", Ok(("a", "b"))),
        ("attributes follow", "a=b; Secure", Ok(("a", "b"))),
        ("spaces and tabs are trimmed", " \ta b\t = c d \t; Secure", Ok(("a b", "c d"))),
        ("a tab inside is kept", "a\tb=c\td", Ok(("a\tb", "c\td"))),
        ("the first = splits", "a=b=c", Ok(("a", "b=c"))),
        ("no =", "a", Ok(("", "a"))),
        ("no name", "=a", Ok(("", "a"))),
        ("no value", "a=", Ok(("a", ""))),
        ("quotes are kept", "a=\"b\"", Ok(("a", "\"b\""))),
        ("quotes do not protect", "a=\"b;c\"", Ok(("a", "\"b"))),
        ("nothing is decoded", "a=%20", Ok(("a", "%20"))),
        ("non-ASCII", "å=ß", Ok(("å", "ß"))),
        ("no-break spaces are kept", "\u{a0}a=b\u{a0}", Ok(("\u{a0}a", "b\u{a0}"))),
        ("nothing", "", Err(IgnoreReason::Empty)),
        ("only =", " = ", Err(IgnoreReason::Empty)),
        ("only attributes", "; Secure", Err(IgnoreReason::Empty)),
        ("NUL", "a=b\0", Err(IgnoreReason::ControlCharacter)),
        ("line feed", "a=b\n", Err(IgnoreReason::ControlCharacter)),
        ("carriage return", "a\r=b", Err(IgnoreReason::ControlCharacter)),
        ("unit separator", "a=\u{1f}b", Err(IgnoreReason::ControlCharacter)),
        ("delete", "a=b\u{7f}", Err(IgnoreReason::ControlCharacter)),
        ("control character in an attribute", "a=b; x=\u{1}", Err(IgnoreReason::ControlCharacter)),
        ("C1 control characters are none", "a=\u{85}", Ok(("a", "\u{85}"))),
    ];
    for (row, line, expected) in rows {
        let parsed =
            parse(line).map(|cookie| (cookie.name.as_str().unwrap(), cookie.value.as_str().unwrap()));
        assert_eq!(parsed, expected, "{row}");
    }
}

#[test]
fn sizes() {
    let line = |name: usize, value: usize| format!("{}={}", "n".repeat(name), "v".repeat(value));
    assert!(parse(&line(1, 4095)).is_ok());
    assert!(parse(&line(4096, 0)).is_ok());
    assert_eq!(parse(&line(1, 4096)).unwrap_err(), IgnoreReason::TooLarge);
    assert!(parse(&format!(" {} ", line(1, 4095))).is_ok(), "white space does not count");
    assert!(parse(&format!("{}; x={}", line(1, 4095), "x".repeat(9000))).is_ok(), "attributes do not count");

    let path = |length: usize| format!("a=b; Path=/kept; Path=/{}", "p".repeat(length - 1));
    assert_eq!(parse(&path(1024)).unwrap().path.unwrap().len(), 1024);
    assert_eq!(parse(&path(1025)).unwrap().path.unwrap(), "/kept");
    assert_eq!(parse(&format!("a=b; Secure={}", "x".repeat(1025))).map(|cookie| cookie.secure), Ok(false));
}

#[test]
fn flags() {
    let rows = [
        ("all", "a=b; Secure; HttpOnly; Partitioned", (true, true, true)),
        ("any letter case", "a=b; sEcUrE; HTTPONLY; partitioned", (true, true, true)),
        ("with values", "a=b; Secure=false; HttpOnly=0; Partitioned=no", (true, true, true)),
        ("with spaces", "a=b;\tSecure ; HttpOnly = ;Partitioned", (true, true, true)),
        ("misspelt", "a=b; Secured; Http-Only; Partition", (false, false, false)),
        ("quoted", "a=b; \"Secure\"", (false, false, false)),
        ("none", "a=b; ; =; x=y", (false, false, false)),
    ];
    for (row, line, expected) in rows {
        let cookie = parse(line).unwrap();
        assert_eq!((cookie.secure, cookie.http_only, cookie.partitioned), expected, "{row}");
    }
}

#[test]
fn max_age() {
    let rows = [
        ("seconds", "60", Some(60)),
        ("zero", "0", Some(0)),
        ("negative", "-1", Some(-1)),
        ("leading zeros", "007", Some(7)),
        ("spaces around", " 60 ", Some(60)),
        ("more than 400 days", "99999999", Some(99_999_999)),
        ("more than an integer", "99999999999999999999", Some(i64::MAX)),
        ("empty", "", None),
        ("only a sign", "-", None),
        ("plus", "+60", None),
        ("fraction", "1.5", None),
        ("two signs", "--1", None),
        ("letters", "60s", None),
        ("a space inside", "6 0", None),
        ("quoted", "\"60\"", None),
        ("other digits", "٦٠", None),
    ];
    for (row, value, expected) in rows {
        assert_eq!(parse(&format!("a=b; max-age={value}")).unwrap().max_age, expected, "{row}");
    }
    assert_eq!(parse("a=b; Max-Age=1; Max-Age=2").unwrap().max_age, Some(2), "the last counts");
    assert_eq!(parse("a=b; Max-Age=1; Max-Age=x").unwrap().max_age, Some(1), "the last usable counts");
    assert_eq!(parse("a=b; Max-Age").unwrap().max_age, None);
}

#[test]
fn expires() {
    let rows = [
        ("IMF-fixdate", "Expires=Wed, 21 Oct 2015 07:28:00 GMT", Some(1_445_412_480)),
        ("unparsable", "Expires=tomorrow", None),
        ("the last counts", "Expires=1 Jan 70 00:00:00; Expires=1 Jan 70 00:00:01", Some(1)),
        ("the last usable counts", "Expires=1 Jan 70 00:00:00; Expires=0", Some(0)),
        ("beside Max-Age", "Max-Age=5; Expires=1 Jan 70 00:00:01", Some(1)),
    ];
    for (row, attributes, expected) in rows {
        assert_eq!(parse(&format!("a=b; {attributes}")).unwrap().expires, expected, "{row}");
    }
}

#[test]
fn domain() {
    let rows = [
        ("plain", "Domain=shop.example", Some("shop.example")),
        ("one leading dot", "Domain=.shop.example", Some("shop.example")),
        ("two leading dots", "Domain=..shop.example", Some(".shop.example")),
        ("trailing dot", "Domain=shop.example.", Some("shop.example.")),
        ("upper case", "Domain=Shop.EXAMPLE", Some("shop.example")),
        ("only ASCII becomes lower case", "Domain=Ä.example", Some("Ä.example")),
        ("empty", "Domain=", None),
        ("only a dot", "Domain=.", None),
        ("no =", "Domain", None),
        ("the last counts", "Domain=a.example; Domain=b.example", Some("b.example")),
        ("also an empty last", "Domain=a.example; Domain=", None),
    ];
    for (row, attributes, expected) in rows {
        let line = format!("a=b; {attributes}");
        let cookie = parse(&line).unwrap();
        assert_eq!(cookie.domain.as_deref(), expected.map(str::as_bytes), "{row}");
    }
}

#[test]
fn path() {
    let rows = [
        ("absolute", "Path=/shop", (Some("/shop"), true)),
        ("with spaces", "Path= /a b ", (Some("/a b"), true)),
        ("relative", "Path=shop", (None, true)),
        ("empty", "Path=", (None, true)),
        ("quoted", "Path=\"/\"", (None, true)),
        ("missing", "Secure", (None, false)),
        ("the last counts", "Path=/a; Path=/b", (Some("/b"), true)),
        ("also a relative last", "Path=/a; Path=b", (None, true)),
    ];
    for (row, attributes, (path, has_path)) in rows {
        let line = format!("a=b; {attributes}");
        let cookie = parse(&line).unwrap();
        assert_eq!((cookie.path.and_then(RawValue::as_str), cookie.has_path), (path, has_path), "{row}");
    }
}

#[test]
fn same_site() {
    let rows = [
        ("strict", "SameSite=Strict", Some(SameSite::Strict)),
        ("any letter case", "samesite=LAX", Some(SameSite::Lax)),
        ("none", "SameSite=None", Some(SameSite::None)),
        ("unknown", "SameSite=Maybe", None),
        ("empty", "SameSite", None),
        ("missing", "Secure", None),
        ("the last counts", "SameSite=Strict; SameSite=Lax", Some(SameSite::Lax)),
        ("also an unknown last", "SameSite=Strict; SameSite=Maybe", None),
    ];
    for (row, attributes, expected) in rows {
        assert_eq!(parse(&format!("a=b; {attributes}")).unwrap().same_site, expected, "{row}");
    }
}

#[test]
fn attributes_are_given_as_sent() {
    let cookie = parse("a=b; Path = /x ;; =y; Flag; Expires=a=b").unwrap();
    let attributes: Vec<_> =
        cookie.attributes().map(|pair| (pair.name.as_str().unwrap(), pair.value.as_str().unwrap())).collect();
    assert_eq!(attributes, [("Path", "/x"), ("", ""), ("", "y"), ("Flag", ""), ("Expires", "a=b")]);
}

#[test]
fn debug_hides_the_value() {
    let printed = format!("{:?}", parse("id=secret").unwrap());
    assert!(printed.contains("id") && !printed.contains("secret"), "{printed}");
}
