//! Where a request comes from, as far as browsers tell.

use http::{HeaderMap, Method, Request, header};

use super::CSRF_HEADER;

/// What the headers say of a request's origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provenance {
    /// The application's own page, or the user by hand.
    Own,
    /// Another site, or a page that hides its origin.
    Foreign,
    /// Neither header: not a current browser.
    Untold,
}

/// `allowed` are further origins that are trusted like one's own, as browsers write them (`https://a.example`).
pub(super) fn provenance<B>(request: &Request<B>, allowed: &[Box<str>]) -> Provenance {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    if origin.is_some_and(|origin| allowed.iter().any(|one| **one == *origin)) {
        return Provenance::Own;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return if matches!(site.as_bytes(), b"same-origin" | b"none") {
            Provenance::Own
        } else {
            Provenance::Foreign
        };
    }
    match origin {
        None => Provenance::Untold,
        Some(origin) if is_own(origin, request) => Provenance::Own,
        Some(_) => Provenance::Foreign,
    }
}

/// Whether a browser would ask this server before it sends such a request from another site (Fetch, section 3.2.2).
pub(super) fn needs_preflight(method: &Method, headers: &HeaderMap) -> bool {
    if *method != Method::POST || headers.contains_key(CSRF_HEADER) {
        return true;
    }
    let simple = [FORM, b"multipart/form-data", b"text/plain"];
    media_type(headers).is_some_and(|it| !simple.iter().any(|one| it.eq_ignore_ascii_case(one)))
}

/// The media type of forms.
pub(super) const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// The media type of the body, without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&[u8]> {
    let content_type = headers.get(header::CONTENT_TYPE)?.as_bytes();
    Some(content_type.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii())
}

/// Behind a proxy that ends TLS the scheme is not known here, so host and port alone are compared.
fn is_own<B>(origin: &str, request: &Request<B>) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)) else {
        return false;
    };
    let Some((scheme, origin_host)) = origin.split_once("://") else { return false };
    matches!(scheme, "http" | "https") && origin_host.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::builder().method(Method::POST);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).expect("a request")
    }

    #[test]
    fn browsers_tell_where_a_request_comes_from() {
        let allowed = ["https://partner.example".into()];
        let host = ("host", "app.example");
        for (case, headers, expected) in [
            ("same origin", vec![host, ("sec-fetch-site", "same-origin")], Provenance::Own),
            ("typed by hand", vec![host, ("sec-fetch-site", "none")], Provenance::Own),
            ("a neighbour", vec![host, ("sec-fetch-site", "same-site")], Provenance::Foreign),
            ("another site", vec![host, ("sec-fetch-site", "cross-site")], Provenance::Foreign),
            ("an unknown word", vec![host, ("sec-fetch-site", "odd")], Provenance::Foreign),
            ("own origin", vec![host, ("origin", "https://app.example")], Provenance::Own),
            ("other port", vec![host, ("origin", "https://app.example:8443")], Provenance::Foreign),
            ("other origin", vec![host, ("origin", "https://evil.example")], Provenance::Foreign),
            ("hidden origin", vec![host, ("origin", "null")], Provenance::Foreign),
            ("host as suffix", vec![host, ("origin", "https://x.app.example")], Provenance::Foreign),
            ("no scheme", vec![host, ("origin", "app.example")], Provenance::Foreign),
            ("nothing", vec![host], Provenance::Untold),
            (
                "an allowed origin",
                vec![host, ("sec-fetch-site", "cross-site"), ("origin", "https://partner.example")],
                Provenance::Own,
            ),
            (
                "metadata goes first",
                vec![host, ("sec-fetch-site", "cross-site"), ("origin", "https://app.example")],
                Provenance::Foreign,
            ),
        ] {
            assert_eq!(provenance(&request(&headers), &allowed), expected, "{case}");
        }
    }

    #[test]
    fn forms_of_other_sites_need_no_preflight() {
        for (content_type, expected) in [
            (Some("application/json"), true),
            (Some("application/x-www-form-urlencoded"), false),
            (Some("Text/Plain; charset=utf-8"), false),
            (Some("multipart/form-data; boundary=x"), false),
            (None, false),
        ] {
            let headers: Vec<_> = content_type.map(|value| ("content-type", value)).into_iter().collect();
            assert_eq!(
                needs_preflight(&Method::POST, request(&headers).headers()),
                expected,
                "{content_type:?}"
            );
        }
        assert!(needs_preflight(&Method::PUT, request(&[]).headers()));
        assert!(needs_preflight(&Method::POST, request(&[("x-csrf-token", "1")]).headers()));
    }
}
