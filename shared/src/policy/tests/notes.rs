//! What is stored differently, by named rows.

use super::super::{Candidate, Context, Note, Notes, Verdict, judge, notes};
use super::{NOW, is_public_suffix, url};
use crate::cookie::limits::MAX_LIFETIME_SECONDS;
use alloc::format;
use alloc::vec::Vec;

fn stored(line: &str, at: &str) -> (super::super::StoredCookie, Notes) {
    let url = url(at);
    let context = Context::http(&url).public_suffixes(&is_public_suffix);
    match judge(line.as_bytes(), &context, &[], NOW) {
        Verdict::Stored { cookie, notes, .. } => (cookie, notes),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn rows() {
    use Note::{
        AttributeRepeated, AttributeTooLong, AttributeUnknown, DomainIgnored, ExpiresInvalid,
        ExpiresOverridden, LifetimeClamped, MaxAgeInvalid, Nameless, PathDefaulted, PathElsewhere,
        SameSiteUnknown,
    };
    let at = "https://a.shop.example/x/y";
    let too_long = format!("a=b; Path=/{}", "x".repeat(1024));
    let long_enough = format!("a=b; Path=/{}", "x".repeat(1023));
    let rows: &[(&str, &str, &str, &[Note])] = &[
        ("plain", "a=b", at, &[]),
        (
            "all as asked for",
            "a=b; Path=/x; Secure; HttpOnly; SameSite=Lax; Max-Age=60; Priority=High",
            at,
            &[],
        ),
        ("semicolon at the end", "a=b; ", at, &[]),
        ("relative path", "a=b; Path=y", at, &[PathDefaulted]),
        ("empty path", "a=b; Path=", at, &[PathDefaulted]),
        ("path elsewhere", "a=b; Path=/z", at, &[PathElsewhere]),
        ("path of the page itself", "a=b; Path=/x/y", at, &[]),
        ("public suffix that is the host", "a=b; Domain=co.uk", "https://co.uk/", &[DomainIgnored]),
        ("address that is the host", "a=b; Domain=127.0.0.1", "http://127.0.0.1/", &[DomainIgnored]),
        ("over 400 days by Max-Age", "a=b; Max-Age=34560001", at, &[LifetimeClamped]),
        ("400 days", "a=b; Max-Age=34560000", at, &[]),
        ("over 400 days by Expires", "a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT", at, &[LifetimeClamped]),
        ("no number", "a=b; Max-Age=1d", at, &[MaxAgeInvalid]),
        ("no date", "a=b; Expires=tomorrow", at, &[ExpiresInvalid]),
        (
            "Max-Age before Expires",
            "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            at,
            &[ExpiresOverridden],
        ),
        ("unknown SameSite", "a=b; SameSite=Loose", at, &[SameSiteUnknown]),
        ("unknown attribute", "a=b; Sesure", at, &[AttributeUnknown]),
        ("value cut at a semicolon", "a=b;c", at, &[AttributeUnknown]),
        ("attribute twice", "a=b; Path=/; path=/x", at, &[AttributeRepeated]),
        ("1,025 octets", &too_long, at, &[AttributeTooLong]),
        ("1,024 octets", &long_enough, at, &[PathElsewhere]),
        ("nameless", "b", at, &[Nameless]),
    ];
    for &(name, line, at, expected) in rows {
        let (_, notes) = stored(line, at);
        assert_eq!(notes.iter().collect::<Vec<_>>(), expected, "{name}");
    }
    for note in Note::ALL {
        assert!(rows.iter().any(|(.., expected)| expected.contains(note)), "no row for {note:?}");
    }
}

#[test]
fn what_is_stored_instead() {
    let at = "https://a.shop.example/x/y";
    assert_eq!(stored("a=b; Path=y", at).0.path, b"/x");
    assert_eq!(
        stored("a=b; Path=/z; Path=y", at).0.path,
        b"/x",
        "the last Path counts, though it is ignored"
    );
    assert_eq!(stored("a=b; Max-Age=99999999999999999999", at).0.expires, Some(NOW + MAX_LIFETIME_SECONDS));
    assert_eq!(stored("a=b; Max-Age=60; Max-Age=1d", at).0.expires, Some(NOW + 60));
    assert_eq!(stored("a=b; Expires=tomorrow", at).0.expires, None);
    assert_eq!(stored("a=b; SameSite=Strict; SameSite=Loose", at).0.same_site, None);
    assert_eq!(stored("a=b;c", at).0.value, b"b");
    let (cookie, _) = stored("a=b; Domain=.SHOP.example", at);
    assert_eq!((cookie.domain.as_str(), cookie.host_only), ("shop.example", false));
    let (cookie, _) = stored("a=b; Domain=co.uk", "https://co.uk/");
    assert_eq!((cookie.domain.as_str(), cookie.host_only), ("co.uk", true));
}

#[test]
fn a_scripts_write_in_parts() {
    let page = url("https://shop.example/x/y");
    let long = "/".repeat(1025);
    for (name, write, expected) in [
        ("plain", Candidate::new("a", "b"), &[][..]),
        ("relative path", Candidate::new("a", "b").path("x"), &[Note::PathDefaulted]),
        ("elsewhere", Candidate::new("a", "b").path("/z"), &[Note::PathElsewhere]),
        ("too long", Candidate::new("a", "b").path(&long), &[Note::AttributeTooLong]),
        ("nameless", Candidate::new("", "b"), &[Note::Nameless]),
    ] {
        assert_eq!(notes(&write, &Context::script(&page)).iter().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn a_set_of_notes() {
    let mut notes = Notes::NONE;
    assert!(notes.is_empty());
    notes.insert(Note::Nameless);
    notes.insert(Note::PathDefaulted);
    notes.insert(Note::Nameless);
    assert_eq!(notes.iter().collect::<Vec<_>>(), [Note::PathDefaulted, Note::Nameless]);
    assert_eq!(format!("{notes:?}"), "{PathDefaulted, Nameless}");
}
