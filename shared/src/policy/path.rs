//! Paths, RFC 6265bis section 5.1.4. They are compared octet by octet: nothing is decoded or normalised.

/// The path of a cookie that names none: the URL's path up to its last `/` (RFC 6265bis section 5.1.4).
///
/// ```
/// use twinjar_shared::policy::default_path;
///
/// assert_eq!(default_path(b"/shop/cart"), b"/shop");
/// assert_eq!(default_path(b"/shop"), b"/");
/// ```
#[must_use]
pub fn default_path(url_path: &[u8]) -> &[u8] {
    let end = url_path.iter().rposition(|&b| b == b'/').unwrap_or(0);
    match url_path.split_at_checked(end) {
        Some((path @ [b'/', ..], _)) => path,
        _ => b"/",
    }
}

/// Whether a request for `request_path` carries a cookie with the path `cookie_path`: the two are the same, or the
/// request is for something below it (RFC 6265bis section 5.1.4).
///
/// ```
/// use twinjar_shared::policy::path_match;
///
/// assert!(path_match(b"/shop/cart", b"/shop"));
/// assert!(!path_match(b"/shopping", b"/shop"));
/// ```
#[must_use]
pub fn path_match(request_path: &[u8], cookie_path: &[u8]) -> bool {
    match request_path.strip_prefix(cookie_path) {
        Some(rest) => rest.is_empty() || cookie_path.ends_with(b"/") || rest.starts_with(b"/"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{default_path, path_match};

    #[test]
    fn default_path_rows() {
        for (name, path, expected) in [
            ("empty", "", "/"),
            ("root", "/", "/"),
            ("one segment", "/a", "/"),
            ("two segments", "/a/b", "/a"),
            ("trailing slash", "/a/b/", "/a/b"),
            ("not absolute", "a/b/c", "/"),
            ("two slashes", "//", "/"),
            ("slashes are kept", "/a//b", "/a/"),
            ("escapes are kept", "/a%2Fb/c", "/a%2Fb"),
        ] {
            assert_eq!(default_path(path.as_bytes()), expected.as_bytes(), "{name}");
        }
    }

    #[test]
    fn path_match_rows() {
        for (name, request, cookie, expected) in [
            ("identical", "/a", "/a", true),
            ("root", "/a/b", "/", true),
            ("below", "/a/b", "/a", true),
            ("below, trailing slash", "/a/b", "/a/", true),
            ("trailing slash of the cookie alone", "/a", "/a/", false),
            ("trailing slash of the request alone", "/a/", "/a", true),
            ("prefix within a segment", "/ab", "/a", false),
            ("above", "/a", "/a/b", false),
            ("letter case", "/A", "/a", false),
            ("escapes are not decoded", "/a%2Fb", "/a/b", false),
            ("empty request", "", "/", false),
            ("empty cookie path", "/a", "", true),
            ("both empty", "", "", true),
        ] {
            assert_eq!(path_match(request.as_bytes(), cookie.as_bytes()), expected, "{name}");
        }
    }
}
