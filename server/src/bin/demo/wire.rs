//! Repeats to the page the headers of its own exchange: scripts may not read `Cookie` and `Set-Cookie` themselves.
//!
//! A request that asks with `X-Show-Wire` gets the lines in `X-Wire`, as base64 of JSON. The secret id is masked in
//! both directions, and so is what the browser logs in with at a proxy.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use base64ct::{Base64, Encoding};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;

const ASK: HeaderName = HeaderName::from_static("x-show-wire");
const ANSWER: HeaderName = HeaderName::from_static("x-wire");
pub(crate) const MASK: &str = "••••••••";

/// More than a browser sends, and within what it takes for a header.
const MAX_ANSWER: usize = 6 * 1024;

pub(crate) async fn show(session_cookie: &'static str, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(ASK) {
        return next.run(request).await;
    }
    let asked = lines(request.headers(), session_cookie);
    let mut response = next.run(request).await;
    let told = json!({ "request": asked, "response": lines(response.headers(), session_cookie) });
    let encoded = Base64::encode_string(told.to_string().as_bytes());
    if let Some(value) = HeaderValue::try_from(encoded).ok().filter(|value| value.len() <= MAX_ANSWER) {
        response.headers_mut().insert(ANSWER, value);
    }
    response
}

fn lines(headers: &HeaderMap, session_cookie: &str) -> Vec<(String, String)> {
    let shown = headers.iter().filter(|(name, _)| **name != ASK);
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = match *name {
            header::COOKIE | header::SET_COOKIE => {
                masked(&String::from_utf8_lossy(value.as_bytes()), session_cookie)
            }
            _ => shown_value(name, value),
        };
        (name.to_string(), text)
    };
    shown.map(line).collect()
}

/// A header's value, but for what the browser logs in with at a proxy.
pub(crate) fn shown_value(name: &HeaderName, value: &HeaderValue) -> String {
    match *name {
        header::AUTHORIZATION | header::PROXY_AUTHORIZATION => MASK.to_owned(),
        _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    }
}

/// The line with the session cookie's value hidden, as often as the name stands there; an empty value is shown.
fn masked(line: &str, session_cookie: &str) -> String {
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if name.trim() == session_cookie && !value.is_empty() => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    line.split(';').map(mask).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_masked_and_nothing_else() {
        for (line, shown) in [
            ("__Host-id=s%3Aabc; theme=dark", "__Host-id=••••••••; theme=dark"),
            ("theme=dark;__Host-id=1; __Host-id=2", "theme=dark;__Host-id=••••••••; __Host-id=••••••••"),
            ("__Host-id=; Max-Age=0; Path=/", "__Host-id=; Max-Age=0; Path=/"),
            ("x__Host-id=1", "x__Host-id=1"),
        ] {
            assert_eq!(masked(line, "__Host-id"), shown);
        }
    }

    #[test]
    fn credentials_are_masked_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        headers.insert(header::HOST, HeaderValue::from_static("shop.example"));
        let shown = [("authorization", MASK), ("host", "shop.example")];
        assert_eq!(lines(&headers, "__Host-id"), shown.map(|(name, text)| (name.into(), text.into())));
    }
}
