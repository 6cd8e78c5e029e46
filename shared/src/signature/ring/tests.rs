#![allow(clippy::unwrap_used)]

use alloc::format;

use super::*;

const CAT: &str = "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCU";

#[test]
fn signs_as_express_does() {
    let key_bytes: &[u8] = &[0xa0, 0xab, 0xbc, 0x0c];
    let rows: [(&str, &str, &[u8], &str); 3] = [
        ("text secret", "hello", b"tobiiscool", "hello.DGDUkGlIkCzPz+C0B064FNgHdEjox7ch8tOBGslZ5QI"),
        ("byte secret", "hello", key_bytes, "hello.hIvljrKw5oOZtHHSq5u+MlL27cgnPKX77y7F+x5r1to"),
        ("session id", "apple", b"keyboard cat", CAT),
    ];
    for (row, value, secret, signed) in rows {
        let ring = KeyRing::from_secrets([secret]).unwrap();
        assert_eq!(ring.sign(value), signed, "{row}");
        assert_eq!(ring.verify(signed), Some(Verified { value, key_index: 0 }), "{row}");
    }
}

#[test]
fn signed_cookies_are_marked_and_percent_encoded() {
    let rows = [
        (
            "session id",
            "apple",
            "keyboard cat",
            "s%3Aapple.D8Y%2BpkTAmeR0PobOhY4G97PRW%2Bj7bUnP%2F5m6%2FOn1MCU",
        ),
        (
            "JSON cookie",
            r#"j:{"name":"tobi"}"#,
            "foo bar baz",
            "s%3Aj%3A%7B%22name%22%3A%22tobi%22%7D.K20xcwmDS%2BPb1rsD95o5Jm5SqWs1KteqdnynnB7jkTE",
        ),
    ];
    for (row, value, secret, sent) in rows {
        let ring = KeyRing::from_secrets([secret]).unwrap();
        assert_eq!(ring.sign_cookie(value).as_str(), sent, "{row}");
        let decoded = crate::cookie::percent::decode(sent).unwrap();
        assert_eq!(ring.verify_cookie(&decoded).unwrap().value, value, "{row}");
        assert_eq!(
            ring.verify_cookie(decoded.strip_prefix("s:").unwrap()),
            None,
            "{row}: the mark is needed"
        );
    }
}

#[test]
fn refuses_what_no_key_signed() {
    let ring = KeyRing::from_secrets(["other", "keyboard cat"]).unwrap();
    assert_eq!(ring.verify(CAT).map(|verified| verified.key_index), Some(1));
    let rows = [
        ("empty", ""),
        ("no dot", "apple"),
        ("no signature", "apple."),
        ("another value", "apples.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCU"),
        ("another signature", "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCQ"),
        ("spare bits of the last character set", "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCV"),
        ("padding", "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCU="),
        ("URL-safe alphabet", "apple.D8Y-pkTAmeR0PobOhY4G97PRW-j7bUnP_5m6_On1MCU"),
        ("short", "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MC"),
        ("trailing space", "apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCU "),
        ("cut inside a character", "ü234567890123456789012345678901234567890123"),
    ];
    for (row, signed) in rows {
        assert_eq!(ring.verify(signed), None, "{row}");
    }
}

#[test]
fn values_may_be_empty_and_have_dots() {
    let ring = KeyRing::from_secrets(["keyboard cat"]).unwrap();
    for value in ["", ".", "a.b.", "ü.漢"] {
        assert_eq!(ring.verify(&ring.sign(value)).unwrap().value, value);
    }
}

#[test]
fn the_first_key_signs() {
    let ring = KeyRing::from_secrets(["new", "old"]).unwrap();
    assert_eq!(ring.verify(&ring.sign("x")).unwrap().key_index, 0);
    let old = KeyRing::from_secrets(["old"]).unwrap();
    assert_eq!(old.verify(&ring.sign("x")), None);
    assert_eq!(ring.verify_mac(&[b"x"], &old.mac(&[b"x"])), Some(1));
}

#[test]
fn empty_secrets_are_refused() {
    assert_eq!(SigningKey::new("").unwrap_err(), SecretError::Empty);
    assert_eq!(KeyRing::from_secrets(["a", ""]).unwrap_err(), SecretError::Empty);
    assert_eq!(KeyRing::from_secrets([""; 0]).unwrap_err(), SecretError::Missing);
}

#[test]
fn framed_messages_are_unlike_each_other_and_unlike_values() {
    let ring = KeyRing::from_secrets(["keyboard cat"]).unwrap();
    let mac = ring.mac(&[b"ab", b"c"]);
    for parts in [&[b"a".as_slice(), b"bc"] as &[&[u8]], &[b"abc"], &[b"ab", b"c", b""], &[]] {
        assert_eq!(ring.verify_mac(parts, &mac), None, "{parts:?}");
    }
    assert_eq!(ring.verify_mac(&[b"ab", b"c"], &mac[..31]), None);
    let framed = ring.sign("\0\0\0\0\0\0\0\u{1}a");
    let mut signature = [0; MAC_LENGTH];
    split_signed(framed.as_bytes(), &mut signature).unwrap();
    assert_eq!(ring.verify_mac(&[b"a"], &signature), None);
}

#[test]
fn debug_prints_no_secret() {
    let ring = KeyRing::from_secrets(["keyboard cat", "old"]).unwrap();
    assert_eq!(format!("{ring:?}"), "KeyRing(2 keys)");
    assert_eq!(format!("{:?}", SigningKey::new("keyboard cat").unwrap()), "SigningKey(..)");
}
