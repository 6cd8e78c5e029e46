//! What responses tell caches.

use http::header::{self, Entry};
use http::{HeaderMap, HeaderValue};

/// The response is for this client alone: it depends on the session, or sets a cookie.
pub(super) fn forbid_caching(headers: &mut HeaderMap) {
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    match headers.entry(header::CACHE_CONTROL) {
        Entry::Vacant(entry) => drop(entry.insert(NO_STORE)),
        Entry::Occupied(mut entry) if !has_item(entry.get(), b"no-store") => drop(entry.insert(NO_STORE)),
        Entry::Occupied(_) => {}
    }
    vary_by_cookie(headers);
}

/// The response is for requests with the same cookies.
pub(super) fn vary_by_cookie(headers: &mut HeaderMap) {
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    match headers.entry(header::VARY) {
        Entry::Vacant(entry) => drop(entry.insert(COOKIE)),
        Entry::Occupied(mut entry) => {
            if !entry.iter().any(|names| has_item(names, b"cookie") || has_item(names, b"*")) {
                entry.append(COOKIE);
            }
        }
    }
}

/// Whether a comma list has the item, in whatever case.
fn has_item(list: &HeaderValue, item: &[u8]) -> bool {
    list.as_bytes().split(|&byte| byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(item))
}
