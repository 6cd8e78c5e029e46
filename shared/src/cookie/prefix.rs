//! Cookie name prefixes, RFC 6265bis sections 4.1.3 and 5.4.

use super::class::starts_with_ignore_case;

/// A prefix of a cookie's name that promises how the cookie was set.
///
/// Prefixes are matched in any letter case, as user agents do.
///
/// ```
/// use twinjar_shared::cookie::Prefix;
///
/// assert_eq!(Prefix::of(b"__Host-id"), Some(Prefix::Host));
/// assert_eq!(Prefix::of(b"__HOST-HTTP-id"), Some(Prefix::HostHttp));
/// assert_eq!(Prefix::of(b"id"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prefix {
    /// `__Secure-`: with `Secure`.
    Secure,
    /// `__Host-`: with `Secure` and `Path=/`, without `Domain`.
    Host,
    /// `__Http-`: with `Secure` and `HttpOnly`, so set by a server.
    Http,
    /// `__Host-Http-`: what [`Prefix::Host`] and [`Prefix::Http`] ask for together.
    HostHttp,
}

impl Prefix {
    /// The prefix that `name` begins with.
    #[must_use]
    pub const fn of(name: &[u8]) -> Option<Self> {
        if !matches!(name, [b'_', b'_', ..]) {
            return None;
        }
        // The longer prefix first: it begins with the shorter one.
        let all = [Self::HostHttp, Self::Host, Self::Http, Self::Secure];
        let mut i = 0;
        while i < all.len() {
            if starts_with_ignore_case(name, all[i].lower_case()) {
                return Some(all[i]);
            }
            i += 1;
        }
        None
    }

    /// The prefix as it is usually written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secure => "__Secure-",
            Self::Host => "__Host-",
            Self::Http => "__Http-",
            Self::HostHttp => "__Host-Http-",
        }
    }

    /// Whether the cookie must have `HttpOnly`.
    #[must_use]
    pub const fn needs_http_only(self) -> bool {
        matches!(self, Self::Http | Self::HostHttp)
    }

    /// Whether the cookie must have `Path=/` and no `Domain`.
    #[must_use]
    pub const fn needs_host_only(self) -> bool {
        matches!(self, Self::Host | Self::HostHttp)
    }

    const fn lower_case(self) -> &'static [u8] {
        match self {
            Self::Secure => b"__secure-",
            Self::Host => b"__host-",
            Self::Http => b"__http-",
            Self::HostHttp => b"__host-http-",
        }
    }
}
