//! Which cookies a request carries.

use super::super::{Context, SameSiteContext};
use super::{NOW, is_public_suffix, jar_from, url};

#[test]
fn rows() {
    let from = "https://a.shop.example/x/y";
    for (name, line, at, expected) in [
        ("same URL", "a=b", from, true),
        ("another port", "a=b", "https://a.shop.example:8443/x/y", true),
        ("below", "a=b", "https://a.shop.example/x/z/q", true),
        ("above the default path", "a=b", "https://a.shop.example/", false),
        ("beside the default path", "a=b", "https://a.shop.example/xy", false),
        ("the path itself", "a=b; Path=/q", "https://a.shop.example/q?r", true),
        ("host-only, child", "a=b; Path=/", "https://b.a.shop.example/", false),
        ("host-only, parent", "a=b; Path=/", "https://shop.example/", false),
        ("domain, child", "a=b; Path=/; Domain=a.shop.example", "https://b.a.shop.example/", true),
        ("domain, sibling", "a=b; Path=/; Domain=shop.example", "https://b.shop.example/", true),
        ("domain, parent", "a=b; Path=/; Domain=a.shop.example", "https://shop.example/", false),
        ("foreign", "a=b; Path=/; Domain=shop.example", "https://bookshop.example/", false),
        ("Secure on http", "a=b; Path=/; Secure", "http://a.shop.example/", false),
        ("Secure on https", "a=b; Path=/; Secure", "https://a.shop.example/", true),
        ("Secure over a WebSocket", "a=b; Path=/; Secure", "wss://a.shop.example/", true),
        ("not Secure on http", "a=b; Path=/", "http://a.shop.example/", true),
    ] {
        let mut jar = jar_from(from, &[line]);
        let at = url(at);
        assert_eq!(jar.cookies_for(&Context::http(&at), NOW).len(), usize::from(expected), "{name}");
    }
}

#[test]
fn same_site_rows() {
    use SameSiteContext::{CrossSite, CrossSiteNavigation, SameSite};
    let at = url("https://shop.example/");
    let get = CrossSiteNavigation { safe_method: true };
    let post = CrossSiteNavigation { safe_method: false };
    for (line, allowed) in [
        ("a=b; SameSite=Strict", &[SameSite][..]),
        ("a=b; SameSite=Lax", &[SameSite, get]),
        ("a=b", &[SameSite, get]),
        ("a=b; SameSite=None; Secure", &[SameSite, get, post, CrossSite]),
    ] {
        let mut jar = jar_from("https://shop.example/", &[line]);
        for context in [SameSite, get, post, CrossSite] {
            let sent = !jar.cookies_for(&Context::http(&at).same_site(context), NOW).is_empty();
            assert_eq!(sent, allowed.contains(&context), "{line}, {context:?}");
        }
    }
}

#[test]
fn scripts_do_not_see_http_only_cookies() {
    let at = url("https://shop.example/");
    let mut jar = jar_from("https://shop.example/", &["a=1; HttpOnly", "b=2"]);
    assert_eq!(jar.cookie_header(&Context::script(&at), NOW), b"b=2");
    assert_eq!(jar.cookie_header(&Context::http(&at), NOW), b"a=1; b=2");
}

#[test]
fn a_script_from_another_site_is_no_navigation() {
    let at = url("https://shop.example/");
    let mut jar = jar_from("https://shop.example/", &["a=1; SameSite=Lax"]);
    let context = Context::script(&at).same_site(SameSiteContext::CrossSiteNavigation { safe_method: true });
    assert_eq!(jar.cookies_for(&context, NOW).len(), 0);
}

#[test]
fn a_domain_that_became_a_public_suffix_is_not_sent() {
    let at = url("https://shop.example/");
    let mut jar = jar_from("https://shop.example/", &["a=1; Domain=shop.example", "b=2"]);
    let suffixes = |domain: &str| is_public_suffix(domain) || domain == "shop.example";
    assert_eq!(jar.cookie_header(&Context::http(&at).public_suffixes(&suffixes), NOW), b"b=2");
}
