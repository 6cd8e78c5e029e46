//! Any bytes are a `Set-Cookie` value or are ignored for a reason; what a server may send is read as it was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::cookie::{CookieName, CookieValue, Domain, Path, ReceivedCookie, SetCookie};

fuzz_target!(|bytes: &[u8]| {
    let Ok(received) = ReceivedCookie::parse(bytes) else { return };
    assert!((1..=4096).contains(&(received.name.len() + received.value.len())));
    assert!(!bytes.contains(&b'\n'));
    assert!(received.attributes().count() <= bytes.len());
    if let Some(domain) = &received.domain {
        assert!(!domain.iter().any(u8::is_ascii_uppercase));
    }
    if let Some(path) = received.path {
        assert!(received.has_path && path.as_bytes().starts_with(b"/"));
    }

    let text = |bytes| str::from_utf8(bytes).ok();
    let name = text(received.name.as_bytes()).and_then(|name| CookieName::new(name).ok());
    let value = text(received.value.as_bytes()).and_then(|value| CookieValue::new(value).ok());
    let (Some(name), Some(value)) = (name, value) else { return };
    let mut cookie = SetCookie::new(name, value)
        .secure(received.secure)
        .http_only(received.http_only)
        .partitioned(received.partitioned);
    if let Some(domain) =
        received.domain.as_deref().and_then(text).and_then(|domain| Domain::new(domain).ok())
    {
        cookie = cookie.domain(domain);
    }
    if let Some(path) =
        received.path.and_then(|path| text(path.as_bytes())).and_then(|path| Path::new(path).ok())
    {
        cookie = cookie.path(path);
    }
    if let Some(same_site) = received.same_site {
        cookie = cookie.same_site(same_site);
    }
    let Ok(line) = cookie.build() else { return };
    let again = ReceivedCookie::parse(line.as_bytes()).expect("built lines are accepted");
    assert_eq!((again.name, again.value), (received.name, received.value));
    assert_eq!((again.secure, again.http_only), (received.secure, received.http_only));
    assert_eq!(again.same_site, received.same_site);
});
