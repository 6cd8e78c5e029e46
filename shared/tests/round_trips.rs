//! What is built is read back the same, whatever it is; and every parser takes every byte string.

#![allow(missing_docs, clippy::unwrap_used)]

use proptest::prelude::*;
use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, Domain, Path, Priority, RawValue, ReceivedCookie, SameSite,
    SetCookie, date, percent,
};

const TOKEN: &str = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}";
const OCTETS: &str = r#"([!#-+\--:<-\[\]-~]{0,40}|"[!#-+\--:<-\[\]-~]{0,40}")"#;
const DOMAIN: &str = "[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?){0,3}";
const PATH: &str = "/([ -:<-~]{0,30}[!-:<-~])?";

fn same_site() -> impl Strategy<Value = Option<SameSite>> {
    proptest::option::of(prop::sample::select(vec![SameSite::Strict, SameSite::Lax, SameSite::None]))
}

/// Headers with more of the characters that mean something than chance would give.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![prop::sample::select(b"ab=;\t \"%".to_vec()), any::<u8>()];
    proptest::collection::vec(byte, 0..60)
}

proptest! {
    #[test]
    fn a_built_cookie_is_received_as_described(
        name in TOKEN, value in OCTETS, domain in proptest::option::of(DOMAIN), path in proptest::option::of(PATH),
        max_age in proptest::option::of(0..i64::MAX), expires in proptest::option::of(date::EARLIEST..=date::LATEST),
        (secure, http_only, partitioned) in any::<(bool, bool, bool)>(), same_site in same_site(),
    ) {
        let mut cookie = SetCookie::new(CookieName::new(&name).unwrap(), CookieValue::new(&value).unwrap())
            .secure(secure).http_only(http_only).partitioned(partitioned).priority(Priority::Low);
        if let Some(domain) = &domain { cookie = cookie.domain(Domain::new(domain).unwrap()); }
        if let Some(path) = &path { cookie = cookie.path(Path::new(path).unwrap()); }
        if let Some(max_age) = max_age { cookie = cookie.max_age(max_age); }
        if let Some(expires) = expires { cookie = cookie.expires(expires); }
        if let Some(same_site) = same_site { cookie = cookie.same_site(same_site); }
        let Ok(line) = cookie.build() else {
            prop_assert!(!secure || name.starts_with("__"), "only a rule about Secure or a prefix can refuse");
            return Ok(());
        };
        let received = ReceivedCookie::parse(line.as_bytes()).unwrap();
        prop_assert_eq!((received.name.as_str(), received.value.as_str()), (Some(&*name), Some(&*value)));
        prop_assert_eq!(received.domain.as_deref(), domain.as_deref().map(str::as_bytes));
        prop_assert_eq!(received.path.map(RawValue::as_bytes), path.as_deref().map(str::as_bytes));
        prop_assert_eq!((received.max_age, received.expires), (max_age, expires));
        prop_assert_eq!((received.secure, received.http_only, received.partitioned), (secure, http_only, partitioned));
        prop_assert_eq!(received.same_site, same_site);
    }

    #[test]
    fn any_text_survives_as_a_cookie_value(text in any::<String>()) {
        let value = CookieValue::encode(&text);
        prop_assert!(CookieValue::new(value.as_str()).is_ok());
        prop_assert_eq!(&*RawValue::new(value.as_str().as_bytes()).decode(), &*text);
        let encoded = percent::encode(&text);
        let decoded = percent::decode(&encoded);
        prop_assert_eq!(decoded.as_deref(), Some(&*text));
    }

    #[test]
    fn dates_survive(seconds in date::EARLIEST..=date::LATEST) {
        prop_assert_eq!(date::parse(date::format(seconds).unwrap().as_str().as_bytes()), Some(seconds));
    }

    #[test]
    fn finding_is_the_same_as_reading_everything(header in header(), name in "[ab=;\t \"%]{0,3}") {
        let header = CookieHeader::new(&header);
        let read = header.pairs().filter(|pair| pair.name == *name).map(|pair| pair.value);
        prop_assert!(header.get_all(&name).eq(read), "{name:?}");
        for pair in header.pairs() {
            if let Some(name) = pair.name.as_str() {
                prop_assert!(header.get(name).is_some(), "{name:?}");
            }
        }
    }

    #[test]
    fn pairs_survive_in_a_header(pairs in proptest::collection::vec((TOKEN, OCTETS), 0..20)) {
        let header = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let read = CookieHeader::new(header.as_bytes()).pairs();
        let read: Vec<_> =
            read.map(|pair| (pair.name.as_str().unwrap().to_owned(), pair.value.as_str().unwrap().to_owned())).collect();
        prop_assert_eq!(read, pairs);
    }

    #[test]
    fn every_byte_string_is_answered(bytes in header()) {
        if let Ok(cookie) = ReceivedCookie::parse(&bytes) {
            cookie.attributes().for_each(drop);
        }
        if let Some(seconds) = date::parse(&bytes) {
            prop_assert!((date::EARLIEST..=date::LATEST).contains(&seconds));
        }
        let _ = RawValue::new(&bytes).unquoted().decode();
    }
}

#[cfg(feature = "signed")]
proptest! {
    #[test]
    fn signed_values_survive_and_nothing_else_does(
        value in any::<String>(), secrets in proptest::collection::vec(".{1,40}", 1..4), at in any::<prop::sample::Index>(),
    ) {
        let ring = twinjar_shared::signature::KeyRing::from_secrets(&secrets).unwrap();
        let signed = ring.sign(&value);
        prop_assert_eq!(ring.verify(&signed).unwrap().value, &*value);
        let mut chars: Vec<_> = signed.chars().collect();
        let at = at.index(chars.len());
        chars[at] = if chars[at] == 'x' { 'y' } else { 'x' };
        prop_assert!(ring.verify(&String::from_iter(chars)).is_none());
    }
}

#[cfg(feature = "json")]
proptest! {
    #[test]
    fn companion_cookies_survive(
        token in "[A-Za-z0-9_-]{1,43}", revision in any::<u64>(),
        idle in proptest::option::of(any::<u64>()), absolute in proptest::option::of(any::<u64>()),
    ) {
        use twinjar_shared::session::Companion;
        let companion = Companion::new(&token, revision, idle, absolute).unwrap();
        let text = companion.to_text();
        prop_assert_eq!(Companion::parse(&text), Ok(companion));
    }

    #[test]
    fn session_values_survive(numbers in proptest::collection::vec(any::<i64>(), 0..9), text in any::<String>()) {
        const KEY: twinjar_shared::contract::SessionKey<(Vec<i64>, String)> =
            twinjar_shared::contract::SessionKey::new("k");
        let value = (numbers, text);
        prop_assert_eq!(KEY.from_json(&KEY.to_json(&value).unwrap()), Ok(value.clone()));
        prop_assert_eq!(KEY.from_value(&KEY.to_value(&value).unwrap()), Ok(value));
    }
}
