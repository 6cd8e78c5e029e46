//! What both benchmarks measure: the same inputs, ours and the `cookie` crate's way, the bare HMAC for signatures.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use cookie::Cookie;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, Domain, Path, ReceivedCookie, SameSite, SetCookie,
};
use twinjar_shared::signature::KeyRing;

/// A task, done by this crate and by a peer.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) ours: Box<dyn Fn()>,
    pub(crate) theirs: Box<dyn Fn()>,
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        parse_header("parse a header of 1 cookie", 1),
        parse_header("parse a header of 20 cookies", 20),
        parse_header("parse a header of 50 cookies", 50),
        find("find one name among 1", 1),
        find("find one name among 20", 20),
        find("find one name among 50", 50),
        parse_set_cookie(),
        build_set_cookie(),
        verify(),
    ]
}

fn parse_header(name: &'static str, count: usize) -> Case {
    let (ours, theirs) = (header(count), header(count));
    Case {
        name,
        peer: "cookie",
        ours: Box::new(move || {
            for pair in CookieHeader::new(black_box(&ours).as_bytes()).pairs() {
                black_box(pair);
            }
        }),
        theirs: Box::new(move || {
            for cookie in Cookie::split_parse(black_box(&*theirs)) {
                black_box(cookie.unwrap());
            }
        }),
    }
}

/// Looks up every name of the header in turn, so the place of the name does not matter.
fn find(name: &'static str, count: usize) -> Case {
    let (ours, theirs) = (header(count), header(count));
    let names = move || (0..count).map(name_of).collect::<Vec<_>>();
    let (our_names, their_names) = (names(), names());
    Case {
        name,
        peer: "cookie",
        ours: Box::new(move || {
            for name in &our_names {
                black_box(CookieHeader::new(black_box(&ours).as_bytes()).get(black_box(name)).unwrap());
            }
        }),
        theirs: Box::new(move || {
            for name in &their_names {
                let name = black_box(&**name);
                let found =
                    Cookie::split_parse(black_box(&*theirs)).flatten().find(|cookie| cookie.name() == name);
                black_box(found.unwrap());
            }
        }),
    }
}

fn parse_set_cookie() -> Case {
    Case {
        name: "parse a Set-Cookie value",
        peer: "cookie",
        ours: Box::new(|| {
            black_box(ReceivedCookie::parse(black_box(LINE).as_bytes()).unwrap());
        }),
        theirs: Box::new(|| {
            black_box(Cookie::parse(black_box(LINE)).unwrap());
        }),
    }
}

/// Name, domain and path are constants, as in a program; the value and the times change with each response.
/// This crate checks the value each time and the constants when it is compiled; the peer checks nothing.
fn build_set_cookie() -> Case {
    const NAME: CookieName<'static> = match CookieName::new("session") {
        Ok(name) => name,
        Err(_) => unreachable!(),
    };
    const DOMAIN: Domain<'static> = match Domain::new("shop.example") {
        Ok(domain) => domain,
        Err(_) => unreachable!(),
    };
    let ours = || {
        SetCookie::new(NAME, CookieValue::new(black_box(VALUE)).unwrap())
            .max_age(black_box(86_400))
            .domain(DOMAIN)
            .path(Path::ROOT)
            .expires(black_box(EXPIRES))
            .http_only(true)
            .secure(true)
            .same_site(SameSite::Lax)
            .build()
            .unwrap()
    };
    let theirs = || {
        Cookie::build(("session", black_box(VALUE)))
            .max_age(cookie::time::Duration::seconds(black_box(86_400)))
            .domain("shop.example")
            .path("/")
            .expires(cookie::time::OffsetDateTime::from_unix_timestamp(black_box(EXPIRES)).unwrap())
            .http_only(true)
            .secure(true)
            .same_site(cookie::SameSite::Lax)
            .build()
            .to_string()
    };
    assert_eq!(ours(), LINE);
    assert_eq!(theirs().len(), LINE.len(), "the same attributes in another order");
    Case {
        name: "build a Set-Cookie value",
        peer: "cookie",
        ours: Box::new(move || {
            black_box(ours());
        }),
        theirs: Box::new(move || {
            black_box(theirs());
        }),
    }
}

const VALUE: &str = "dGhlIHNlc3Npb24gaWQgaXMgaGVyZQ";
const EXPIRES: i64 = 1_792_567_680;
const LINE: &str = "session=dGhlIHNlc3Npb24gaWQgaXMgaGVyZQ; Max-Age=86400; Domain=shop.example; Path=/; \
                    Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax";

/// The length of a signed session id: 32 characters before the signature.
fn verify() -> Case {
    const VALUE: &str = "0123456789abcdef0123456789abcdef";
    let ring = KeyRing::from_secrets(["keyboard cat"]).unwrap();
    let signed = ring.sign(VALUE);
    let prepared = Hmac::<Sha256>::new_from_slice(b"keyboard cat").unwrap();
    Case {
        name: "verify a signed value",
        peer: "bare HMAC",
        ours: Box::new(move || {
            black_box(ring.verify(black_box(&signed)).unwrap());
        }),
        theirs: Box::new(move || {
            let mut hmac = prepared.clone();
            hmac.update(black_box(VALUE).as_bytes());
            black_box(hmac.finalize());
        }),
    }
}

/// Names and values of the lengths that are usual: 4 to 18 and 8 to 46 octets.
fn header(count: usize) -> String {
    let pairs = (0..count)
        .map(|i| format!("{}={}", name_of(i), "0123456789abcdef".repeat(3).split_at(8 + i * 11 % 39).0));
    pairs.collect::<Vec<_>>().join("; ")
}

fn name_of(i: usize) -> String {
    format!("c{i:02}{}", "_preferences_id".split_at(1 + i * 5 % 15).0)
}
