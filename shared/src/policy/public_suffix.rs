//! Public suffixes: domains such as `com` and `co.uk` below which strangers register names.

use super::host::without_trailing_dot;
use crate::cookie::class::has;

/// A rule for callers without a list: a domain of one label (`com`, `localhost`) is a public suffix, no other is.
///
/// It never calls a domain a public suffix that is none, except where a network uses names of one label as sites of
/// their own. It misses suffixes of several labels such as `co.uk`: a browser, which has the whole list, refuses
/// those all the same, so read the cookie back where that matters. A server or a test that has a list passes it to
/// [`Context::public_suffixes`](super::Context::public_suffixes).
///
/// ```
/// use twinjar_shared::policy::single_label;
///
/// assert!(single_label("com"));
/// assert!(!single_label("co.uk"));
/// ```
#[must_use]
pub fn single_label(domain: &str) -> bool {
    !has(without_trailing_dot(domain), b'.')
}
