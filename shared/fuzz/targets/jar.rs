//! A jar fed with any lines from any URLs sends only cookies that belong to a request.
//!
//! Each line of the input is a URL, a space and a `Set-Cookie` value; a line without the latter is a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::policy::{Context, Jar, Limits, RequestUrl, RuleSet, domain_match, path_match};

fuzz_target!(|bytes: &[u8]| {
    let mut jar = Jar::with_limits(Limits { per_domain: 4, total: 8 });
    let mut now = 1_800_000_000;
    for line in bytes.split(|&b| b == b'\n') {
        now += 30;
        let mut parts = line.splitn(2, |&b| b == b' ');
        let Some(Ok(url)) = parts.next().map(str::from_utf8) else { continue };
        let Ok(url) = RequestUrl::parse(url) else { continue };
        let context = Context::script(&url);
        match parts.next() {
            Some(set_cookie) => {
                let context =
                    if now % 60 == 0 { context } else { Context::http(&url).rules(RuleSet::Rfc6265bis) };
                jar.receive(set_cookie, &context, now);
                assert!(jar.cookies().len() <= 8);
            }
            None => {
                let sent = jar.cookies_for(&context, now);
                assert!(sent.is_sorted_by_key(|cookie| std::cmp::Reverse(cookie.path.len())));
                for cookie in sent {
                    assert!(domain_match(url.host(), &cookie.domain));
                    assert!(path_match(url.path().as_bytes(), &cookie.path));
                    assert!(!cookie.secure || context.is_secure());
                    assert!(!cookie.http_only);
                    assert!(cookie.expires.is_none_or(|expires| expires > now));
                }
            }
        }
    }
});
