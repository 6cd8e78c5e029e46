//! The jar: replacing, expiring, evicting.

use super::super::{Context, Jar, Limits, Verdict};
use super::{NOW, jar_from, url};
use alloc::format;
use alloc::string::String;

fn header(jar: &mut Jar, at: &str, now: i64) -> String {
    let url = url(at);
    String::from_utf8(jar.cookie_header(&Context::http(&url), now)).unwrap()
}

const AT: &str = "https://a.shop.example/x/y";

#[test]
fn received_and_sent() {
    for (name, lines, expected) in [
        ("order of creation", &["a=1", "b=2", "c=3"][..], "a=1; b=2; c=3"),
        ("longer paths first", &["a=1; Path=/", "b=2; Path=/x/y", "c=3; Path=/x"], "b=2; c=3; a=1"),
        ("a replaced cookie keeps its place", &["a=1", "b=2", "a=3"], "a=3; b=2"),
        ("another path is another cookie", &["a=1; Path=/", "a=2; Path=/x"], "a=2; a=1"),
        ("a domain is another cookie", &["a=1", "a=2; Domain=a.shop.example"], "a=1; a=2"),
        ("names are case-sensitive", &["a=1", "A=2"], "a=1; A=2"),
        ("removed by Max-Age", &["a=1", "b=2", "a=; Max-Age=0"], "b=2"),
        ("removed by Expires", &["a=1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], ""),
        ("not removed at another path", &["a=1", "a=; Path=/; Max-Age=0"], "a=1"),
        ("removed and set again goes last", &["a=1", "b=2", "a=; Max-Age=-1", "a=3"], "b=2; a=3"),
        ("nameless", &["=1", "a=2", "3"], "3; a=2"),
        ("nameless with an empty Path", &["x; Path="], "x"),
        ("empty value", &["a=", "b"], "a=; b"),
    ] {
        assert_eq!(header(&mut jar_from(AT, lines), AT, NOW), expected, "{name}");
    }
}

#[test]
fn cookies_expire_at_their_time() {
    let mut jar = jar_from(AT, &["a=1; Max-Age=60", "b=2; Expires=Fri, 15 Jan 2027 08:01:40 GMT", "c=3"]);
    assert_eq!(header(&mut jar, AT, NOW + 59), "a=1; b=2; c=3");
    assert_eq!(header(&mut jar, AT, NOW + 60), "b=2; c=3");
    assert_eq!(header(&mut jar, AT, NOW + 100), "c=3");
    jar.remove_expired(NOW + 100);
    assert_eq!(jar.cookies().len(), 1);
    jar.end_session();
    assert_eq!(jar.cookies().len(), 0);
}

#[test]
fn an_expired_cookie_protects_nothing() {
    let url = url("http://a.shop.example/x/y");
    let mut jar = jar_from(AT, &["a=1; HttpOnly; Secure; Max-Age=60"]);
    let refused = jar.receive(b"a=2", &Context::script(&url), NOW + 59);
    assert!(matches!(refused, Verdict::Refused(_)), "{refused:?}");
    let stored = jar.receive(b"a=2", &Context::script(&url), NOW + 60);
    assert!(matches!(stored, Verdict::Stored { replaced: None, .. }), "{stored:?}");
}

#[test]
fn verdicts_tell_what_was_there() {
    let url = url(AT);
    let context = Context::http(&url);
    let mut jar = jar_from(AT, &["a=1", "b=2"]);
    let replaced = jar.receive(b"b=3", &context, NOW + 5);
    let Verdict::Stored { cookie, replaced: Some(1), .. } = replaced else { panic!("{replaced:?}") };
    assert_eq!((cookie.created, cookie.last_access), (NOW, NOW + 5));
    let removed = jar.receive(b"a=; Max-Age=0", &context, NOW);
    assert!(matches!(removed, Verdict::Removed { removed: Some(0), .. }), "{removed:?}");
    let again = jar.receive(b"a=; Max-Age=0", &context, NOW);
    assert!(matches!(again, Verdict::Removed { removed: None, .. }), "{again:?}");
}

#[test]
fn the_least_recently_used_cookie_goes() {
    let (here, below) = (url(AT), url("https://a.shop.example/q"));
    let mut jar = Jar::with_limits(Limits { per_domain: 3, total: 5 });
    let mut receive = |line: &str, now| {
        jar.receive(line.as_bytes(), &Context::http(&here), now);
        jar.cookies().iter().map(|cookie| format!("{} ", cookie.name.escape_ascii())).collect::<String>()
    };
    receive("safe=1; Secure; Path=/", NOW);
    receive("old=1; Path=/q", NOW);
    receive("new=1", NOW + 1);
    assert_eq!(receive("newer=1", NOW + 2), "safe new newer ", "without Secure, least recently used");
    jar.cookies_for(&Context::http(&below), NOW + 3);
    jar.receive(b"s2=1; Secure", &Context::http(&here), NOW + 4);
    jar.receive(b"s3=1; Secure", &Context::http(&here), NOW + 5);
    jar.receive(b"s4=1; Secure", &Context::http(&here), NOW + 6);
    let names = jar.cookies().iter().map(|cookie| cookie.name.as_slice());
    assert!(names.eq([b"s2", b"s3", b"s4"]), "the used one goes too when only Secure ones are left: {jar:?}");
    for host in ["https://b.example/", "https://c.example/", "https://d.example/"] {
        jar.receive(b"a=1", &Context::http(&url(host)), NOW + 7);
    }
    assert_eq!(jar.cookies().len(), 5);
    assert_eq!(jar.cookies()[0].name, b"s3");
}

#[test]
fn browsers_keep_180_cookies_of_a_domain() {
    let url = url(AT);
    let mut jar = Jar::new();
    for n in 0..181 {
        jar.receive(format!("c{n}=1").as_bytes(), &Context::http(&url), NOW + n);
    }
    assert_eq!(jar.cookies().len(), 180);
    assert_eq!(jar.cookies()[0].name, b"c1");
}
