//! The kinds about Express: signed values and express-session's records.

use serde_json::Value;
use twinjar_shared::cookie::CookieHeader;
use twinjar_shared::express::{Edit, Record, members};
use twinjar_shared::signature::{KeyRing, SecretError};

use crate::Answer;
use crate::request::Request;

pub(crate) fn sign(request: &Request<'_>) -> Result<Value, &'static str> {
    Ok(ring(vec![request.text("secret")?])?.sign(&request.text("value")?).into())
}

pub(crate) fn unsign(request: &Request<'_>) -> Result<Value, &'static str> {
    let signed = request.text("signed")?;
    let secrets = request.texts("secrets")?;
    if secrets.is_empty() {
        return Ok(Value::Null);
    }
    Ok(ring(secrets)?.verify(&signed).map(|verified| verified.value.to_owned()).into())
}

/// The session that a request finds: the first cookie of this name with a right signature, and the stored record.
pub(crate) fn read_session(request: &Request<'_>) -> Answer {
    let header = request.optional_text("cookie_header")?.unwrap_or_default();
    let name = request.optional_text("cookie_name")?.unwrap_or_else(|| "connect.sid".to_owned());
    let secrets = request.texts("secrets")?;
    let record = record(request)?;
    let Some(record) = record.as_deref().and_then(|text| Record::parse(text).ok()) else {
        return Ok("null".to_owned());
    };
    if secrets.is_empty() {
        return Ok("null".to_owned());
    }
    let ring = ring(secrets)?;
    let sid = CookieHeader::new(header.as_bytes()).get_all(&name).find_map(|raw| {
        let decoded = raw.unquoted().decode();
        ring.verify_cookie(&decoded).map(|verified| verified.value.to_owned())
    });
    let Some(sid) = sid else { return Ok("null".to_owned()) };
    let data = record.edit(|key| if key == Some("cookie") { Edit::Remove } else { Edit::Keep }, &[]);
    Ok(format!("{{\"sid\":{},\"data\":{}}}", Value::from(sid), compact(&data)))
}

/// The stored text with other values for some keys; everything else stays as it was found, to the byte.
pub(crate) fn rewrite_session(request: &Request<'_>) -> Result<Value, &'static str> {
    let text = record(request)?.ok_or("no record")?;
    let set = members(request.raw("set").unwrap_or("{}")).ok_or("set is not an object")?;
    let set = set.into_iter().map(|(key, value)| Some((key?, compact(value))));
    let set = set.collect::<Option<Vec<_>>>().ok_or("set has a name that is no text")?;
    let Ok(record) = Record::parse(&text) else { return Ok(Value::Null) };
    if set.iter().any(|(key, _)| key == "cookie") {
        // The cookie's settings are no data.
        return Ok(Value::Null);
    }
    let value_of = |name: &str| set.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let added = set.iter().filter(|(key, _)| !record.has(key));
    let added: Vec<(&str, &str)> = added.map(|(key, value)| (&**key, &**value)).collect();
    Ok(record.edit(|key| key.and_then(value_of).map_or(Edit::Keep, Edit::Set), &added).into())
}

fn ring(secrets: Vec<String>) -> Result<KeyRing, &'static str> {
    KeyRing::from_secrets(secrets).map_err(SecretError::message)
}

/// The record: the stored text, or the object itself.
fn record(request: &Request<'_>) -> Result<Option<String>, &'static str> {
    match request.raw("record") {
        Some(raw) if raw.starts_with('"') => request.optional_text("record"),
        raw => Ok(raw.map(str::to_owned)),
    }
}

/// JSON text without the white space between its tokens.
fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    json.chars()
        .filter(|&c| {
            if in_string {
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
                return true;
            }
            in_string = c == '"';
            !matches!(c, ' ' | '\t' | '\n' | '\r')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewriting_keeps_everything_else_to_the_byte() {
        let rows = [
            (
                "replaced",
                r#"{"cookie":{"x":1e3},"n":1.50}"#,
                r#"{"n":2}"#,
                Some(r#"{"cookie":{"x":1e3},"n":2}"#),
            ),
            ("added", r#"{"cookie":{}}"#, r#"{"n":[1, "a b"]}"#, Some(r#"{"cookie":{},"n":[1,"a b"]}"#)),
            ("both", r#"{"b":0,"cookie":{},"a":0}"#, r#"{"a":1,"c":2,"b":3}"#, {
                Some(r#"{"b":3,"cookie":{},"a":1,"c":2}"#)
            }),
            ("white space", "{ \"cookie\" : { } ,\n\"n\" : 1 }", r#"{"n":2}"#, {
                Some("{ \"cookie\" : { } ,\n\"n\" : 2 }")
            }),
            ("escaped key", r#"{"cookie":{},"\u006e":1}"#, r#"{"n":2}"#, Some(r#"{"cookie":{},"\u006e":2}"#)),
            ("the last of duplicates counts", r#"{"n":1,"n":2,"cookie":{}}"#, r#"{"n":3}"#, {
                Some(r#"{"n":1,"n":3,"cookie":{}}"#)
            }),
            (
                "quotes in the value",
                r#"{"cookie":{}}"#,
                r#"{"q":"\" \\"}"#,
                Some(r#"{"cookie":{},"q":"\" \\"}"#),
            ),
            ("nothing to set", r#"{"cookie":{} }"#, "{}", Some(r#"{"cookie":{} }"#)),
            ("the cookie is no data", r#"{"cookie":{}}"#, r#"{"cookie":1}"#, None),
            ("no cookie", r#"{"n":1}"#, r#"{"n":2}"#, None),
            ("no record", "[]", r#"{"n":2}"#, None),
        ];
        for (row, record, set, expected) in rows {
            let line = format!(r#"{{"kind":"","record":{},"set":{set}}}"#, Value::from(record));
            let request = Request::parse(&line).expect("a request");
            assert_eq!(rewrite_session(&request), Ok(expected.into()), "{row}");
        }
    }

    #[test]
    fn reading_tries_every_cookie_of_the_name() {
        let good = "s%3Aapple.D8Y%2BpkTAmeR0PobOhY4G97PRW%2Bj7bUnP%2F5m6%2FOn1MCU";
        let record = r#"{"cookie":{},"u":1.50,"cookie":{}}"#;
        let found = r#"{"sid":"apple","data":{"u":1.50}}"#;
        let rows = [
            ("signed", format!("connect.sid={good}"), record, found),
            ("quoted", format!("connect.sid=\"{good}\""), record, found),
            (
                "behind a forged one",
                format!("connect.sid=s%3Aapple.forged; connect.sid={good}"),
                record,
                found,
            ),
            ("unsigned", "connect.sid=apple".to_owned(), record, "null"),
            ("of another name", format!("sid={good}"), record, "null"),
            ("no record", format!("connect.sid={good}"), "null", "null"),
            ("a record without cookie", format!("connect.sid={good}"), r#"{"u":1}"#, "null"),
            ("a record with a strange cookie", format!("connect.sid={good}"), r#"{"cookie":null}"#, "null"),
        ];
        for (row, header, record, expected) in rows {
            let line = format!(
                r#"{{"kind":"","cookie_header":{},"cookie_name":"connect.sid","secrets":["x","keyboard cat"],"record":{record}}}"#,
                Value::from(header),
            );
            let request = Request::parse(&line).expect("a request");
            assert_eq!(read_session(&request).as_deref(), Ok(expected), "{row}");
        }
    }
}
