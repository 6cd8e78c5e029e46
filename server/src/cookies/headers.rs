//! The `Cookie` headers of a request, kept without copying them.

use http::{HeaderMap, HeaderValue, header};
use twinjar_shared::cookie::{CookieHeader, Pair, RawValue};

/// The request's `Cookie` headers. There is rarely more than one, but HTTP/2 clients may split it
/// (RFC 9113 section 8.2.3).
#[derive(Clone, Default)]
pub(crate) struct CookieHeaders {
    first: Option<HeaderValue>,
    rest: Vec<HeaderValue>,
}

impl CookieHeaders {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::COOKIE).iter();
        Self { first: values.next().cloned(), rest: values.cloned().collect() }
    }

    /// The headers' values, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().chain(&self.rest).map(HeaderValue::as_bytes)
    }

    /// All cookies, in the order they were sent.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.values().flat_map(|value| CookieHeader::new(value).pairs())
    }

    /// Every value sent under `name`, in order.
    pub(crate) fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = RawValue<'a>> {
        self.values().flat_map(move |value| CookieHeader::new(value).get_all(name))
    }
}

impl std::fmt::Debug for CookieHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CookieHeaders(…)")
    }
}
