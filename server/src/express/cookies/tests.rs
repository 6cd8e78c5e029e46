use http::{HeaderMap, HeaderValue, header};

use super::*;
use crate::Secrets;
use crate::cookies::CookieHeaders;

fn cookies(header: &'static [u8]) -> ExpressCookies {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_bytes(header).expect("a header"));
    let secrets = Secrets::insecure_of_any_length(["foo bar baz", "old"]).expect("secrets");
    Cookies::new(CookieHeaders::of(&headers), secrets).express()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn lines(cookies: &ExpressCookies) -> Vec<String> {
    let mut headers = HeaderMap::new();
    cookies.0.apply(&mut headers);
    headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().expect("ASCII").to_owned()).collect()
}

#[test]
fn cookies_are_shown_as_cookie_parser_does() {
    for (row, header, expected) in [
        ("duplicates", &b"a=1; a=2"[..], r#"[["a","1"]]"#),
        ("quotes", b"a=\"x y\"", r#"[["a","x y"]]"#),
        ("percent", b"a=%20; b=%; c=a+b", r#"[["a"," "],["b","%"],["c","a+b"]]"#),
        ("no name", b"x; =y; a=1", r#"[["","y"],["a","1"]]"#),
        ("nothing but =", b"=", "[]"),
        ("one quote", b"a=\"; b=\"x", r#"[["a",""],["b","\"x"]]"#),
        ("the prototype", b"__proto__=1; constructor=2", r#"[["constructor","2"]]"#),
        ("names stay as they are", b"%61=1", r#"[["%61","1"]]"#),
        ("bytes", b"a=\xe4", r#"[["a","\u00e4"]]"#),
        ("JSON", b"a=j:{\"x\":1.50}; b=j:[]", r#"[["a",{"x":1.50}],["b",[]]]"#),
        ("what is not true", b"a=j:0; b=j:null; c=j:false; d=j:\"\"; e=j:-0.0", {
            r#"[["a","j:0"],["b","j:null"],["c","j:false"],["d","j:\"\""],["e","j:-0.0"]]"#
        }),
        ("bad JSON", b"a=j:{; b=j:", r#"[["a","j:{"],["b","j:"]]"#),
        ("signed ones are elsewhere", b"a=s:x.y; b=1", r#"[["b","1"]]"#),
    ] {
        let expected: serde_json::Value = serde_json::from_str(expected).expect(row);
        let shown: serde_json::Value = serde_json::from_str(&json(&cookies(header).all())).expect(row);
        assert_eq!(shown, expected, "{row}");
    }
}

#[test]
fn signed_cookies_are_verified() {
    let header = b"user=s%3Aj%3A%7B%22name%22%3A%22tobi%22%7D.K20xcwmDS%2BPb1rsD95o5Jm5SqWs1KteqdnynnB7jkTE; a=s:x.y; b=1";
    let cookies = cookies(header);
    assert_eq!(json(&cookies.signed("user")), r#"{"name":"tobi"}"#);
    assert!(matches!(cookies.signed("a"), Some(None)), "changed by somebody");
    assert!(cookies.signed("b").is_none(), "not signed");
    assert!(cookies.get("user").is_none());
}

#[test]
fn lines_are_those_of_express() {
    let cookies = cookies(b"");
    let plain = CookieOptions::new();
    cookies.set("text", "a b", &plain).expect("set");
    cookies.set("number", 1.0, &plain).expect("set");
    cookies.set("none", None::<u8>, &plain).expect("set");
    cookies.set("user", serde_json::json!({ "name": "tobi" }), &plain.clone().signed()).expect("set");
    let all = CookieOptions::new()
        .domain(".a.example")
        .path("/x")
        .http_only(true)
        .secure(true)
        .partitioned(true)
        .priority(Priority::High)
        .same_site(SameSite::None);
    cookies.set("all", true, &all).expect("set");
    cookies.clear("gone", &plain.clone().max_age(Duration::from_secs(5)).http_only(true)).expect("cleared");
    assert_eq!(
        lines(&cookies),
        [
            "text=a%20b; Path=/",
            "number=1; Path=/",
            "none=j%3Anull; Path=/",
            "user=s%3Aj%3A%7B%22name%22%3A%22tobi%22%7D.K20xcwmDS%2BPb1rsD95o5Jm5SqWs1KteqdnynnB7jkTE; Path=/",
            "all=true; Domain=.a.example; Path=/x; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None",
            "gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly",
        ]
    );
}

#[test]
fn a_lifetime_is_told_in_both_ways() {
    let cookies = cookies(b"");
    cookies.set("a", 1, &CookieOptions::new().max_age(Duration::from_millis(1999))).expect("set");
    let line = lines(&cookies).remove(0);
    assert!(line.starts_with("a=1; Max-Age=1; Path=/; Expires="), "{line}");
}

#[test]
fn what_browsers_drop_is_refused() {
    let cookies = cookies(b"");
    let plain = CookieOptions::new();
    for (name, options) in [
        ("a b", plain.clone()),
        ("a", plain.clone().path("x")),
        ("a", plain.clone().domain("a b")),
        ("a", plain.clone().same_site(SameSite::None)),
        ("__Host-a", plain),
    ] {
        assert!(cookies.set(name, 1, &options).is_err(), "{name} {options:?}");
    }
    assert!(lines(&cookies).is_empty());
}

#[test]
fn many_names_take_no_more_than_their_share_of_time() {
    let header: String = (0..80_000).map(|number| format!("{number:x}; {number:x}=1; ")).collect();
    let cookies = cookies(header.leak().as_bytes());
    let begun = std::time::Instant::now();
    assert_eq!(cookies.all().len(), 80_000);
    assert_eq!(cookies.get("1387f").expect("the last one").as_str(), Some("1"));
    assert!(cookies.get("nobody").is_none() && cookies.signed("1387f").is_none());
    // Compared name by name, they take minutes in a debug build.
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn one_cookie_is_what_it_is_among_all() {
    let secrets = b"a=s:x.y; a=1; b=2; b=s:x.y; \xe4=3; =4";
    let cookies = cookies(secrets);
    assert!(cookies.get("a").is_none(), "the first of its name counts, and is signed");
    assert!(matches!(cookies.signed("a"), Some(None)), "badly");
    assert_eq!(cookies.get("b").expect("there").as_str(), Some("2"));
    assert!(cookies.signed("b").is_none());
    assert_eq!(cookies.get("\u{e4}").expect("a byte is a character").as_str(), Some("3"));
    assert_eq!(cookies.get("").expect("a name may be empty").as_str(), Some("4"));
}
