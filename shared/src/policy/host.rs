//! Host names, RFC 6265bis sections 5.1.2 and 5.1.3. All functions expect canonicalised hosts, as URL parsers give
//! them: lower case, A-labels (`xn--…`), IPv4 in dotted decimal, IPv6 in square brackets.

use crate::cookie::class::has;

/// Whether `host` domain-matches `domain`: it is that domain, or a host name below it (RFC 6265bis section 5.1.3).
///
/// Letters match in any case. An IP address matches only itself.
///
/// ```
/// use twinjar_shared::policy::domain_match;
///
/// assert!(domain_match("www.shop.example", "shop.example"));
/// assert!(!domain_match("bookshop.example", "shop.example"));
/// assert!(!domain_match("10.0.0.1", "0.0.1"));
/// ```
#[must_use]
pub fn domain_match(host: &str, domain: &str) -> bool {
    matching_suffix(host, domain.as_bytes()).is_some()
}

/// The part of `host` that is `domain`, where the two match.
pub(super) fn matching_suffix<'a>(host: &'a str, domain: &[u8]) -> Option<&'a str> {
    match suffix_start(host.as_bytes(), domain)? {
        0 => Some(host),
        _ if is_ip_address(host) => None,
        start => host.get(start..),
    }
}

/// A host name without the dot that marks it as complete.
pub(super) fn without_trailing_dot(name: &str) -> &[u8] {
    match name.as_bytes() {
        [name @ .., b'.'] => name,
        name => name,
    }
}

/// Whether `domain` is a host name below `host`.
pub(super) fn is_below(domain: &[u8], host: &str) -> bool {
    suffix_start(domain, host.as_bytes()).is_some_and(|start| start > 0)
}

/// Where `suffix` begins in `name`, if it is the whole name or follows a dot.
fn suffix_start(name: &[u8], suffix: &[u8]) -> Option<usize> {
    let start = name.len().checked_sub(suffix.len())?;
    let (above, end) = name.split_at_checked(start)?;
    let at_label = above.is_empty() || above.ends_with(b".");
    (at_label && end.eq_ignore_ascii_case(suffix)).then_some(start)
}

/// Whether a host is an IP address: four decimal numbers, or IPv6, which alone has colons.
pub(super) fn is_ip_address(host: &str) -> bool {
    has(host.as_bytes(), b':') || is_ipv4_address(host)
}

fn is_ipv4_address(host: &str) -> bool {
    let (mut dots, mut digits, mut number) = (0, 0, 0_u16);
    for byte in host.bytes() {
        match byte {
            b'0'..=b'9' if digits < 3 => {
                digits += 1;
                number = 10 * number + u16::from(byte - b'0');
            }
            b'.' if digits > 0 && number < 256 => {
                dots += 1;
                (digits, number) = (0, 0);
            }
            _ => return false,
        }
    }
    dots == 3 && digits > 0 && number < 256
}

/// Whether browsers take the host for this machine: `localhost`, names below it, 127.0.0.0/8 and `[::1]`. Letters match
/// in any case.
///
/// ```
/// use twinjar_shared::policy::is_loopback;
///
/// assert!(is_loopback("app.localhost"));
/// assert!(!is_loopback("localhost.example"));
/// ```
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    match host.as_bytes() {
        [b'0'..=b'9', ..] => host.starts_with("127.") && is_ipv4_address(host),
        [b'[', ..] => host == "[::1]",
        _ => suffix_start(without_trailing_dot(host), b"localhost").is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::{domain_match, is_loopback};

    #[test]
    fn domain_match_rows() {
        for (name, host, domain, expected) in [
            ("identical", "a.example", "a.example", true),
            ("letter case", "A.example", "a.EXAMPLE", true),
            ("parent", "www.a.example", "a.example", true),
            ("two levels up", "x.www.a.example", "a.example", true),
            ("child", "a.example", "www.a.example", false),
            ("suffix within a label", "bookshop.example", "shop.example", false),
            ("leading dot", "a.example", ".a.example", false),
            ("leading dot, host below", "www.a.example", ".a.example", false),
            ("trailing dot of the domain", "a.example", "a.example.", false),
            ("trailing dot of the host", "a.example.", "a.example", false),
            ("trailing dot of both", "www.a.example.", "a.example.", true),
            ("foreign", "a.example", "b.example", false),
            ("empty domain", "a.example", "", false),
            ("both empty", "", "", true),
            ("IPv4 itself", "127.0.0.1", "127.0.0.1", true),
            ("IPv4 suffix", "127.0.0.1", "0.0.1", false),
            ("five numbers are no address", "1.127.0.0.1", "127.0.0.1", true),
            ("number over 255 is no address", "256.0.0.1", "0.0.1", true),
            ("IPv6 itself", "[::1]", "[::1]", true),
            ("IPv6 suffix", "[::ffff:10.0.0.1]", "0.0.1]", false),
            ("IPv6 suffix, without brackets", "::ffff:10.0.0.1", "0.0.1", false),
            ("cut within a character", "é.example", "\u{a9}.example", false),
        ] {
            assert_eq!(domain_match(host, domain), expected, "{name}");
        }
    }

    #[test]
    fn loopback_rows() {
        for (host, expected) in [
            ("localhost", true),
            ("localhost.", true),
            ("app.localhost", true),
            ("App.LocalHost.", true),
            ("notlocalhost", false),
            ("localhost.example", false),
            ("127.0.0.1", true),
            ("127.255.3.4", true),
            ("128.0.0.1", false),
            ("127.0.0.1.example", false),
            ("[::1]", true),
            ("[::2]", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
