#![allow(clippy::unwrap_used)]

use alloc::string::ToString;

use super::super::limits::MAX_LIFETIME_SECONDS;
use super::*;

fn cookie<'a>(name: &'a str, value: &'a str) -> SetCookie<'a> {
    SetCookie::new(CookieName::new(name).unwrap(), CookieValue::new(value).unwrap())
}

#[test]
fn lines() {
    let rows = [
        ("bare", cookie("a", "b"), "a=b"),
        ("no value", cookie("a", ""), "a="),
        ("quoted value", cookie("a", "\"b\""), "a=\"b\""),
        (
            "all attributes, in Express' order",
            cookie("a", "b")
                .same_site(SameSite::None)
                .priority(Priority::High)
                .partitioned(true)
                .secure(true)
                .http_only(true)
                .expires(784_111_777)
                .path(Path::new("/shop").unwrap())
                .domain(Domain::new("shop.example").unwrap())
                .max_age(MAX_LIFETIME_SECONDS),
            "a=b; Max-Age=34560000; Domain=shop.example; Path=/shop; Expires=Sun, 06 Nov 1994 08:49:37 GMT; \
             HttpOnly; Secure; Partitioned; Priority=High; SameSite=None",
        ),
        ("hardened", SetCookie::hardened(CookieName::new("a").unwrap(), CookieValue::EMPTY), {
            "a=; Path=/; HttpOnly; Secure; SameSite=Lax"
        }),
        ("a flag taken back", cookie("a", "b").secure(true).secure(false), "a=b"),
        (
            "removal",
            cookie("__Host-Http-a", "b")
                .max_age(60)
                .priority(Priority::Low)
                .path(Path::ROOT)
                .http_only(true)
                .secure(true)
                .same_site(SameSite::Strict)
                .partitioned(true)
                .removal(),
            "__Host-Http-a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; \
             Partitioned; SameSite=Strict",
        ),
    ];
    for (row, cookie, expected) in rows {
        let line = cookie.build().unwrap();
        assert_eq!(line, expected, "{row}");
        assert_eq!(line.len(), line.capacity(), "{row}: the capacity is exact");
    }
}

#[test]
fn refusals() {
    let domain = Domain::new("shop.example").unwrap();
    let shop = Path::new("/shop").unwrap();
    let long = "v".repeat(4096);
    let long_path = "/".repeat(1025);
    let relative = Path::verbatim("shop").unwrap();
    let rows = [
        ("__Secure-", cookie("__Secure-a", "").http_only(true), Some(BuildError::PrefixNeedsSecure)),
        ("__SECURE-", cookie("__SECURE-a", ""), Some(BuildError::PrefixNeedsSecure)),
        ("__Host- without Path", cookie("__Host-a", "").secure(true), Some(BuildError::PrefixNeedsRootPath)),
        (
            "__Host- with another path",
            cookie("__host-a", "").secure(true).path(shop),
            Some(BuildError::PrefixNeedsRootPath),
        ),
        (
            "__Host- with Domain",
            cookie("__Host-a", "").secure(true).path(Path::ROOT).domain(domain),
            Some(BuildError::PrefixForbidsDomain),
        ),
        (
            "__Host- without Secure",
            cookie("__Host-a", "").path(Path::ROOT),
            Some(BuildError::PrefixNeedsSecure),
        ),
        ("__Http-", cookie("__Http-a", "").secure(true), Some(BuildError::PrefixNeedsHttpOnly)),
        (
            "__Host-Http-",
            cookie("__Host-Http-a", "").secure(true).path(Path::ROOT),
            Some(BuildError::PrefixNeedsHttpOnly),
        ),
        ("half a prefix", cookie("__Host", ""), None),
        ("a prefix inside", cookie("a__Host-", ""), None),
        (
            "SameSite=None",
            cookie("a", "").same_site(SameSite::None),
            Some(BuildError::SameSiteNoneNeedsSecure),
        ),
        ("Partitioned", cookie("a", "").partitioned(true), Some(BuildError::PartitionedNeedsSecure)),
        ("negative Max-Age", cookie("a", "").max_age(-1), Some(BuildError::NegativeMaxAge)),
        ("Expires in 1600", cookie("a", "").expires(date::EARLIEST - 1), Some(BuildError::ExpiresOutOfRange)),
        ("Expires in 1601", cookie("a", "").expires(date::EARLIEST), None),
        ("Expires in 10000", cookie("a", "").expires(date::LATEST + 1), Some(BuildError::ExpiresOutOfRange)),
        ("too large", cookie("a", &long), Some(BuildError::TooLarge)),
        ("as large as may be", cookie("a", &long[1..]), None),
        ("relative path", cookie("a", "").path(relative), Some(BuildError::PathNotAbsolute)),
        ("long path", cookie("a", "").path(Path::new(&long_path).unwrap()), Some(BuildError::PathTooLong)),
    ];
    for (row, cookie, expected) in rows {
        assert_eq!(cookie.build().err(), expected, "{row}");
    }
}

#[test]
fn the_grammar_alone_allows_what_browsers_drop() {
    let long = "v".repeat(5000);
    let rows = [
        cookie("a", &long),
        cookie("a", "").same_site(SameSite::None).partitioned(true),
        cookie("a", "").path(Path::verbatim("shop").unwrap()),
    ];
    for cookie in rows {
        assert!(cookie.build().is_err() && cookie.build_by_grammar().is_ok(), "{cookie:?}");
    }
    let prefixed = cookie("__Secure-a", "").build_by_grammar();
    assert_eq!(prefixed, Err(BuildError::PrefixNeedsSecure), "prefixes count everywhere");
}

#[test]
fn errors_say_what_to_change() {
    let error = BuildError::TooLarge;
    assert_eq!((error.code(), error.section()), ("too_large", "RFC 6265bis section 5.6"));
    assert_eq!(error.to_string(), error.message());
}
