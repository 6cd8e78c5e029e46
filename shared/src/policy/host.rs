//! Host names, RFC 6265bis sections 5.1.2 and 5.1.3. All functions expect canonicalised hosts, as URL parsers give
//! them: lower case, A-labels (`xn--…`), IPv4 in dotted decimal, IPv6 in square brackets.

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
pub(crate) fn matching_suffix<'a>(host: &'a str, domain: &[u8]) -> Option<&'a str> {
    let (above, suffix) = host.split_at_checked(host.len().checked_sub(domain.len())?)?;
    let matches = suffix.as_bytes().eq_ignore_ascii_case(domain)
        && (above.is_empty() || above.ends_with('.') && !is_ip_address(host));
    matches.then_some(suffix)
}

/// Whether a canonicalised host is an IP address: four decimal numbers, or IPv6 (the only host with a colon).
pub(crate) fn is_ip_address(host: &str) -> bool {
    host.contains(':') || is_ipv4_address(host)
}

fn is_ipv4_address(host: &str) -> bool {
    let mut parts = 0;
    for part in host.split('.') {
        parts += 1;
        if parts > 4
            || part.len() > 3
            || !part.bytes().all(|b| b.is_ascii_digit())
            || part.parse::<u8>().is_err()
        {
            return false;
        }
    }
    parts == 4
}

/// Whether browsers take the host for this machine: `localhost`, names below it, 127.0.0.0/8 and `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || host == "[::1]"
        || host.starts_with("127.") && is_ipv4_address(host)
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
            ("IPv6 suffix", "[2001:db8::.1]", "1]", false),
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
