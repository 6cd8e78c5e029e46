//! Properties over generated input.

use super::super::{
    Candidate, Context, Jar, RequestUrl, Rule, RuleSet, SameSiteContext, Verdict, check, default_path,
    domain_match, judge, notes, path_match,
};
use super::{NOW, url};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Text that is likely to be taken apart: pieces of `Set-Cookie` values.
fn set_cookie() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a=",
            "=",
            ";",
            "; ",
            "\t",
            "Path=",
            "/",
            "/x",
            "Domain=",
            ".",
            "shop.example",
            "example",
            "Secure",
            "HttpOnly",
            "SameSite=",
            "None",
            "Lax",
            "Max-Age=",
            "0",
            "60",
            "-1",
            "99999999999999999999",
            "Expires=",
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "__Host-",
            "__Secure-",
            "__Http-",
            "Partitioned",
            "é",
            "\0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn a_url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["http", "https"]);
    let host =
        prop::sample::select(vec!["shop.example", "a.shop.example", "example", "localhost", "127.0.0.1"]);
    let path = prop::sample::select(vec!["/", "/x", "/x/", "/x/y", "/xy"]);
    (scheme, host, path).prop_map(|(scheme, host, path)| alloc::format!("{scheme}://{host}{path}"))
}

proptest! {
    #[test]
    fn any_bytes_get_a_verdict(line in prop::collection::vec(any::<u8>(), 0..200), now in any::<i64>()) {
        let at = url("https://a.shop.example/x/y");
        let _ = judge(&line, &Context::script(&at), &[], now);
    }

    #[test]
    fn any_text_is_a_url_or_not(text in ".{0,80}") {
        let _ = RequestUrl::parse(&text);
        let _ = RequestUrl::parse(&alloc::format!("http://{text}"));
    }

    #[test]
    fn what_is_stored_keeps_the_rules(line in set_cookie(), at in a_url()) {
        let at = url(&at);
        let context = Context::http(&at);
        if let Verdict::Stored { cookie, .. } = judge(&line, &context, &[], NOW) {
            prop_assert!(domain_match(at.host(), &cookie.domain));
            prop_assert!(!cookie.host_only || at.host() == cookie.domain);
            prop_assert!(cookie.path.starts_with(b"/"));
            prop_assert!(!cookie.secure || context.is_secure());
            prop_assert!(cookie.expires.is_none_or(|expires| expires > NOW));
            prop_assert!(cookie.name.len() + cookie.value.len() <= 4096);
        }
    }

    #[test]
    fn what_the_letter_refuses_browsers_refuse_too(line in set_cookie(), at in a_url()) {
        let at = url(&at);
        // At an IP address, browsers allow more: see RuleSet::Browsers.
        prop_assume!(at.host() != "127.0.0.1");
        let refused = |rules| matches!(judge(&line, &Context::http(&at).rules(rules), &[], NOW), Verdict::Refused(_));
        prop_assert!(refused(RuleSet::Browsers) || !refused(RuleSet::Rfc6265bis));
    }

    #[test]
    fn a_request_carries_only_cookies_that_match(
        lines in prop::collection::vec((set_cookie(), a_url()), 0..12),
        at in a_url(),
        later in 0_i64..120,
    ) {
        let mut jar = Jar::new();
        for (line, from) in &lines {
            jar.receive(line, &Context::http(&url(from)), NOW);
        }
        let at = url(&at);
        let context = Context::script(&at).same_site(SameSiteContext::SameSite);
        let sent = jar.cookies_for(&context, NOW + later);
        prop_assert!(sent.is_sorted_by_key(|cookie| core::cmp::Reverse(cookie.path.len())));
        for cookie in sent {
            prop_assert!(domain_match(at.host(), &cookie.domain));
            prop_assert!(path_match(at.path().as_bytes(), &cookie.path));
            prop_assert!(!cookie.secure || context.is_secure());
            prop_assert!(!cookie.http_only);
            prop_assert!(cookie.expires.is_none_or(|expires| expires > NOW + later));
        }
    }

    #[test]
    fn at_most_one_cookie_has_a_name_domain_and_path(lines in prop::collection::vec((set_cookie(), a_url()), 0..20)) {
        let mut jar = Jar::new();
        for (line, from) in &lines {
            jar.receive(line, &Context::http(&url(from)), NOW);
        }
        let mut keys = jar.cookies().iter().map(|c| (&c.name, &c.domain, c.host_only, &c.path)).collect::<Vec<_>>();
        keys.sort();
        prop_assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn parts_and_line_are_judged_alike(
        name in "[a-zA-Z_ =;\t-]{0,8}|__(Host|Secure|Http|host-http)-[a-z]{0,3}",
        value in "[ -~]{0,8}",
        domain in prop::sample::select(vec!["", ".", "shop.example", ".shop.example", "example", "a:1", "a.", "é"]),
        path in prop::sample::select(vec!["", "/", "/x", "x", " / "]),
        secure in any::<bool>(),
        at in a_url(),
    ) {
        let line = alloc::format!(
            "{name}={value}; Domain={domain}; Path={path}{}", if secure { "; Secure" } else { "" }
        );
        let write = Candidate::new(&name, &value).domain(domain).path(path).secure(secure);
        let at = url(&at);
        let context = Context::script(&at);
        let by_parts = check(&write, &context);
        prop_assume!(Rule::Separators.check(&write, &context).is_ok());
        match judge(line.as_bytes(), &context, &[], NOW) {
            Verdict::Stored { notes: stored, .. } => {
                prop_assert_eq!(by_parts, Ok(()));
                prop_assert_eq!(notes(&write, &context), stored);
            }
            Verdict::Removed { .. } => prop_assert!(false, "nothing expires here"),
            Verdict::Refused(refusal) => prop_assert_eq!(by_parts, Err(refusal)),
        }
    }

    #[test]
    fn a_page_sees_cookies_of_its_default_path(path in "/[a-z/]{0,12}") {
        prop_assert!(path_match(path.as_bytes(), default_path(path.as_bytes())));
    }
}
