//! How a request reached the server: encrypted or not, as far as that can be trusted.

use http::{HeaderMap, Request, header, uri::Scheme};
use twinjar_shared::policy::is_loopback;

/// Who is believed about the connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trust {
    /// Everything arrives over https: the proxy in front sees to it, or the server itself.
    pub(crate) assume_https: bool,
    /// `X-Forwarded-Proto` was written by one's own proxy.
    pub(crate) forwarded_proto: bool,
    /// Somebody asks whether a request is for this machine itself.
    pub(crate) sees_loopback: bool,
}

/// What is known of a request's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transport {
    pub(crate) https: bool,
    /// The request is for this machine itself, which browsers hold to be as safe as https. False where nobody asks.
    pub(crate) loopback: bool,
}

impl Transport {
    pub(crate) fn of<B>(request: &Request<B>, trust: Trust) -> Self {
        let headers = request.headers();
        let https = trust.assume_https
            || request.uri().scheme() == Some(&Scheme::HTTPS)
            || (trust.forwarded_proto && forwarded_https(headers));
        let loopback = trust.sees_loopback && !https && is_for_loopback(request.uri().host(), headers);
        Self { https, loopback }
    }
}

/// The first item counts: it is the one of the connection to the browser.
fn forwarded_https(headers: &HeaderMap) -> bool {
    let value = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    value
        .and_then(|list| list.split(',').next())
        .is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
}

fn is_for_loopback(authority: Option<&str>, headers: &HeaderMap) -> bool {
    match authority {
        Some(host) => is_loopback(host),
        None => headers.get(header::HOST).is_some_and(|host| is_loopback_host(host.as_bytes())),
    }
}

/// Of a `Host` header, with or without its port.
fn is_loopback_host(value: &[u8]) -> bool {
    let end = match value {
        [b'[', ..] => value.iter().position(|&byte| byte == b']').map(|end| end + 1),
        _ => value.iter().position(|&byte| byte == b':'),
    };
    std::str::from_utf8(&value[..end.unwrap_or(value.len())]).is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(uri: &str, headers: &[(&str, &str)], trust: Trust) -> Transport {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Transport::of(&request.body(()).expect("a request"), trust)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let forwarded = [("x-forwarded-proto", "HTTPS , http"), ("host", "a.example")];
        let trusting = Trust { forwarded_proto: true, ..Trust::default() };
        assert!(transport("/", &forwarded, trusting).https);
        assert!(!transport("/", &forwarded, Trust::default()).https);
        assert!(!transport("/", &[("x-forwarded-proto", "http,https")], trusting).https);
        assert!(transport("/", &[], Trust { assume_https: true, ..Trust::default() }).https);
        assert!(transport("https://a.example/", &[], Trust::default()).https);
    }

    #[test]
    fn loopback_hosts() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("localhost.", true),
            ("localhost.:8080", true),
            ("app.localhost:80", true),
            ("127.0.0.1:8080", true),
            ("127.8.8.8", true),
            ("[::1]:8080", true),
            ("10.0.0.1", false),
            ("a.example", false),
            ("localhost.example", false),
            ("127.0.0.1.example", false),
            ("", false),
        ] {
            let trust = Trust { sees_loopback: true, ..Trust::default() };
            assert_eq!(transport("/", &[("host", host)], trust).loopback, expected, "{host}");
        }
    }
}
