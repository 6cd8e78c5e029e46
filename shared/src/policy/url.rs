//! The URL that a response came from, that a page has, or that a request goes to.

use alloc::borrow::Cow;

use super::host::{is_loopback, matching_suffix};
use crate::reason::reasons;

/// The parts of a URL that decide about cookies: whether the scheme is secure, the host and the path. The port is
/// none of them: cookies are shared by all ports of a host.
///
/// ```
/// use twinjar_shared::policy::{RequestUrl, UrlError};
///
/// let url = RequestUrl::parse("https://Shop.example:8443/cart/items?page=2").unwrap();
/// assert_eq!(url.host(), "shop.example");
/// assert_eq!(url.path(), "/cart/items");
/// assert!(url.has_secure_scheme());
/// assert_eq!(RequestUrl::parse("ftp://shop.example/"), Err(UrlError::Scheme));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestUrl<'a> {
    secure_scheme: bool,
    host: Cow<'a, str>,
    path: &'a str,
}

reasons! {
    /// Why a text is not a URL that cookies belong to.
    pub enum UrlError {
        /// It has no scheme that cookies are sent over.
        Scheme = "url_scheme", "RFC 6265bis section 5.7",
            "Give an absolute URL that begins with https://, http://, wss:// or ws://.",
        /// There is no host, or it has characters that no host has.
        Host = "url_host", "RFC 6265bis section 5.1.2",
            "Give the URL a host name, an IPv4 address in dotted decimal or an IPv6 address in square brackets.",
        /// The host is not ASCII.
        HostNotAscii = "url_host_not_ascii", "RFC 6265bis section 5.1.2",
            "Write internationalised labels of the host as A-labels (xn--…), as a URL parser does.",
        /// The port is no number.
        Port = "url_port", "RFC 3986 section 3.2.3", "Write the port as a decimal number.",
    }
}

impl<'a> RequestUrl<'a> {
    /// Takes an absolute URL apart. The path stays as it is written: let a URL parser resolve `..` and escape
    /// characters before.
    ///
    /// # Errors
    ///
    /// [`UrlError`] if it is not a URL of the schemes `http`, `https`, `ws` or `wss` with a canonical host.
    pub fn parse(url: &'a str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let is = |name: &str| scheme.eq_ignore_ascii_case(name);
        let secure_scheme = is("https") || is("wss");
        if !secure_scheme && !is("http") && !is("ws") {
            return Err(UrlError::Scheme);
        }
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
        let path = rest.find(['?', '#']).map_or(rest, |end| &rest[..end]);
        Self::from_parts(secure_scheme, host_and_port, path)
    }

    /// As a server sees a request: whether it came over TLS, its `Host` header, and the path it asked for.
    ///
    /// # Errors
    ///
    /// [`UrlError`] if `host_and_port` is none.
    pub fn from_parts(secure_scheme: bool, host_and_port: &'a str, path: &'a str) -> Result<Self, UrlError> {
        let host = canonicalize(split_port(host_and_port)?)?;
        Ok(Self { secure_scheme, host, path: if path.is_empty() { "/" } else { path } })
    }

    /// Parts that a URL parser has made, such as a page's `location.hostname` and `location.pathname`: nothing is
    /// checked.
    #[must_use]
    pub const fn from_canonical_parts(secure_scheme: bool, host: &'a str, path: &'a str) -> Self {
        Self { secure_scheme, host: Cow::Borrowed(host), path }
    }

    /// The host, in lower case and without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path, `/` where the URL has none.
    #[must_use]
    pub const fn path(&self) -> &'a str {
        self.path
    }

    /// Whether the scheme is `https` or `wss`.
    #[must_use]
    pub const fn has_secure_scheme(&self) -> bool {
        self.secure_scheme
    }

    /// Whether browsers take the host for this machine, and so for secure whatever the scheme is: `localhost`,
    /// names below it, 127.0.0.0/8 and `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The part of the host that a `Domain` attribute names, in lower case; `None` if it names another domain.
    pub(super) fn matching_suffix(&self, domain: &[u8]) -> Option<&str> {
        matching_suffix(&self.host, domain)
    }
}

fn split_port(host_and_port: &str) -> Result<&str, UrlError> {
    let host_end = match host_and_port.rfind(']') {
        Some(bracket) => bracket + 1,
        None if host_and_port.starts_with('[') => return Err(UrlError::Host),
        None => 0,
    };
    let Some(colon) = host_and_port[host_end..].find(':') else { return Ok(host_and_port) };
    let (host, port) = host_and_port.split_at(host_end + colon);
    if port.bytes().skip(1).all(|b| b.is_ascii_digit()) { Ok(host) } else { Err(UrlError::Port) }
}

fn canonicalize(host: &str) -> Result<Cow<'_, str>, UrlError> {
    if !host.is_ascii() {
        return Err(UrlError::HostNotAscii);
    }
    let is_host = match host.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|address| address.contains(':') && address.bytes().all(is_ipv6_byte)),
        None => !host.is_empty() && !host.bytes().any(is_forbidden_byte),
    };
    if !is_host {
        return Err(UrlError::Host);
    }
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        return Ok(Cow::Owned(host.to_ascii_lowercase()));
    }
    Ok(Cow::Borrowed(host))
}

fn is_ipv6_byte(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

/// The "forbidden domain code points" of the URL Standard.
fn is_forbidden_byte(byte: u8) -> bool {
    byte <= b' ' || b"#%/:<>?@[\\]^|\x7f".contains(&byte)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{RequestUrl, UrlError};

    #[test]
    fn parse_rows() {
        for (name, url, expected) in [
            ("host alone", "https://a.example", Ok((true, "a.example", "/"))),
            ("path", "http://a.example/b/c", Ok((false, "a.example", "/b/c"))),
            ("query without a path", "http://a.example?b=/c", Ok((false, "a.example", "/"))),
            ("query and fragment", "http://a.example/b?c=/d#/e", Ok((false, "a.example", "/b"))),
            ("question mark in the fragment", "http://a.example/b#c?d", Ok((false, "a.example", "/b"))),
            ("letter case", "HTTPS://A.Example/B", Ok((true, "a.example", "/B"))),
            ("WebSocket", "wss://a.example/", Ok((true, "a.example", "/"))),
            ("insecure WebSocket", "ws://a.example/", Ok((false, "a.example", "/"))),
            ("port", "http://a.example:8080/", Ok((false, "a.example", "/"))),
            ("empty port", "http://a.example:/", Ok((false, "a.example", "/"))),
            ("user", "http://me:pw@a.example/", Ok((false, "a.example", "/"))),
            ("user with an at sign", "http://me@home@a.example/", Ok((false, "a.example", "/"))),
            ("trailing dot", "http://a.example./", Ok((false, "a.example.", "/"))),
            ("underscore", "http://a_b.example/", Ok((false, "a_b.example", "/"))),
            ("IPv4", "http://127.0.0.1:80/", Ok((false, "127.0.0.1", "/"))),
            ("IPv6", "http://[::1]/", Ok((false, "[::1]", "/"))),
            ("IPv6 and port", "http://[2001:DB8::1]:80/", Ok((false, "[2001:db8::1]", "/"))),
            ("no scheme", "a.example/b", Err(UrlError::Scheme)),
            ("scheme without slashes", "http:a.example", Err(UrlError::Scheme)),
            ("file", "file:///etc", Err(UrlError::Scheme)),
            ("empty", "", Err(UrlError::Scheme)),
            ("no host", "http:///b", Err(UrlError::Host)),
            ("port alone", "http://:80/", Err(UrlError::Host)),
            ("space", "http://a example/", Err(UrlError::Host)),
            ("escape in the host", "http://a%2eexample/", Err(UrlError::Host)),
            ("IPv6 not closed", "http://[::1/", Err(UrlError::Host)),
            ("text after IPv6", "http://[::1]a/", Err(UrlError::Host)),
            ("empty brackets", "http://[]/", Err(UrlError::Host)),
            ("U-label", "http://bücher.example/", Err(UrlError::HostNotAscii)),
            ("port with a letter", "http://a.example:80a/", Err(UrlError::Port)),
            ("two ports", "http://a.example:80:80/", Err(UrlError::Port)),
        ] {
            let parsed = RequestUrl::parse(url);
            let parts = parsed.as_ref().map(|u| (u.has_secure_scheme(), u.host(), u.path())).map_err(|&e| e);
            assert_eq!(parts, expected, "{name}");
        }
    }

    #[test]
    fn a_servers_parts() {
        let url = RequestUrl::from_parts(true, "A.example:8443", "").unwrap();
        assert_eq!(url, RequestUrl::from_canonical_parts(true, "a.example", "/"));
        assert_eq!(RequestUrl::from_parts(true, "", "/"), Err(UrlError::Host));
    }
}
