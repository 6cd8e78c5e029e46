use super::*;

const DAY: i64 = 86_400_000;

fn parsed(json: &str) -> CookieSettings {
    CookieSettings::parse(json).expect(json)
}

#[test]
fn what_express_writes_is_read_and_written() {
    for json in [
        r#"{"originalMaxAge":60000,"expires":"2026-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}"#,
        r#"{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}"#,
        r#"{"originalMaxAge":1500.5,"partitioned":true,"priority":"high","expires":"2026-01-01T00:00:00.000Z","secure":true,"httpOnly":false,"domain":"a.example","path":"/x","sameSite":"none"}"#,
        r#"{"originalMaxAge":null,"expires":null,"secure":false,"httpOnly":true,"path":null,"sameSite":false}"#,
    ] {
        let expires_at = json.contains("2026").then_some(1_767_225_600_000);
        assert_eq!(parsed(json).to_json(expires_at), json);
        assert_eq!(CookieSettings::postponed(json, expires_at), json);
    }
}

#[test]
fn what_is_not_said_is_the_default() {
    assert_eq!(parsed("{}"), CookieSettings::default());
    assert_eq!(parsed(r#"{"path":null}"#).path, None);
    assert_eq!(parsed(r#"{"sameSite":true}"#).same_site, Some(SameSiteSetting::Is(SameSite::Strict)));
    assert_eq!(parsed(r#"{"sameSite":"LAX"}"#).same_site, Some(SameSiteSetting::Is(SameSite::Lax)));
    assert_eq!(parsed(r#"{"secure":"auto"}"#).secure, Some(true), "true, as JavaScript has it");
    assert_eq!(parsed(r#"{"originalMaxAge":false}"#).original_max_age, None);
}

#[test]
fn settings_without_a_cookie_are_refused() {
    for (json, error) in [
        ("[]", RecordError::NoCookie),
        (r#"{"originalMaxAge":"60000"}"#, RecordError::BadMaxAge),
        (r#"{"originalMaxAge":true}"#, RecordError::BadMaxAge),
        (r#"{"originalMaxAge":{}}"#, RecordError::BadMaxAge),
        (r#"{"originalMaxAge":1e999}"#, RecordError::BadMaxAge),
        (r#"{"path":5}"#, BAD),
        (r#"{"domain":[]}"#, BAD),
        (r#"{"sameSite":"sometimes"}"#, BAD),
        (r#"{"priority":"urgent"}"#, BAD),
    ] {
        assert_eq!(CookieSettings::parse(json), Err(error), "{json}");
    }
}

#[test]
fn the_end_follows_the_use() {
    for (max_age, expected) in [
        ("null", Ok(None)),
        ("60000", Ok(Some(DAY + 60_000))),
        ("1500.9", Ok(Some(DAY + 1500))),
        ("-1000", Ok(Some(DAY - 1000))),
        ("1e15", Err(RecordError::BadMaxAge)),
        ("1e300", Err(RecordError::BadMaxAge)),
    ] {
        let settings = parsed(&["{\"originalMaxAge\":", max_age, "}"].concat());
        assert_eq!(settings.expires_at(DAY), expected, "{max_age}");
    }
}

#[test]
fn postponing_touches_nothing_else() {
    let found = r#"{ "x":1e3, "expires":"old", "originalMaxAge":1.0 }"#;
    let later = r#"{ "x":1e3, "expires":"1970-01-02T00:00:00.000Z", "originalMaxAge":1.0 }"#;
    assert_eq!(CookieSettings::postponed(found, Some(DAY)), later);
    assert_eq!(CookieSettings::postponed("{}", Some(DAY)), r#"{"expires":"1970-01-02T00:00:00.000Z"}"#);
    assert_eq!(CookieSettings::postponed(found, None), found);
}

#[test]
fn the_lifetime_can_be_set() {
    let found = r#"{"originalMaxAge":null,"expires":null,"httpOnly":true}"#;
    assert_eq!(
        CookieSettings::with_max_age(found, Some(5)),
        r#"{"originalMaxAge":5,"expires":null,"httpOnly":true}"#
    );
    assert_eq!(CookieSettings::with_max_age("{}", None), r#"{"originalMaxAge":null}"#);
}

#[test]
fn lines_are_those_of_express() {
    let name = || CookieName::new("connect.sid").expect("a name");
    let value = || CookieValue::encode("s:a.b");
    let line = |json: &str, expires_at| parsed(json).set_cookie(name(), value(), expires_at);
    for (json, expires_at, expected) in [
        ("{}", None, "connect.sid=s%3Aa.b; Path=/; HttpOnly"),
        (r#"{"path":null,"httpOnly":false}"#, None, "connect.sid=s%3Aa.b"),
        ("{}", Some(1_999), "connect.sid=s%3Aa.b; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; HttpOnly"),
        (
            r#"{"sameSite":"none","domain":"a.example","secure":true,"partitioned":true,"priority":"low"}"#,
            None,
            "connect.sid=s%3Aa.b; Domain=a.example; Path=/; HttpOnly; Secure; Partitioned; Priority=Low; SameSite=None",
        ),
    ] {
        assert_eq!(line(json, expires_at).as_deref(), Ok(expected));
    }
    for domain in ["a; b", "..a.example", ".", "a.example."] {
        assert_eq!(line(&["{\"domain\":\"", domain, "\"}"].concat(), None), Err(BAD), "{domain}");
    }
    assert_eq!(
        parsed(r#"{"domain":".a.example"}"#).removal(name()).as_deref(),
        Ok("connect.sid=; Domain=.a.example; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly")
    );
    assert_eq!(
        parsed("{}").removal(name()).as_deref(),
        Ok("connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly")
    );
}
