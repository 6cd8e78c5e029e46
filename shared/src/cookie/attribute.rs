//! The attributes of a cookie that have values of their own, RFC 6265bis section 4.1.1.

use super::class::{self, AV_OCTET};
use crate::reason::reasons;

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// None.
    Strict,
    /// Top-level navigations with a safe method.
    Lax,
    /// All; the cookie must then be `Secure`.
    None,
}

impl SameSite {
    /// The keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }

    /// The mode that a keyword names, in any letter case.
    #[must_use]
    pub const fn parse(keyword: &[u8]) -> Option<Self> {
        if keyword.eq_ignore_ascii_case(b"strict") {
            Some(Self::Strict)
        } else if keyword.eq_ignore_ascii_case(b"lax") {
            Some(Self::Lax)
        } else if keyword.eq_ignore_ascii_case(b"none") {
            Some(Self::None)
        } else {
            None
        }
    }
}

/// Which cookies a browser with full storage drops last. Chromium alone knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Dropped first.
    Low,
    /// The default.
    Medium,
    /// Dropped last.
    High,
}

impl Priority {
    /// The keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }

    /// The priority that a keyword names, in any letter case.
    #[must_use]
    pub const fn parse(keyword: &[u8]) -> Option<Self> {
        if keyword.eq_ignore_ascii_case(b"low") {
            Some(Self::Low)
        } else if keyword.eq_ignore_ascii_case(b"medium") {
            Some(Self::Medium)
        } else if keyword.eq_ignore_ascii_case(b"high") {
            Some(Self::High)
        } else {
            None
        }
    }
}

/// The value of a `Domain` attribute: host-name labels of letters, digits and inner hyphens, with dots between them.
///
/// Write an internationalised name as its A-label (`xn--…`).
///
/// ```
/// use twinjar_shared::cookie::{Domain, DomainError};
///
/// assert_eq!(Domain::new("shop.example").unwrap().as_str(), "shop.example");
/// assert_eq!(Domain::new(".shop.example"), Err(DomainError::NotAHostName));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Domain<'a>(&'a str);

reasons! {
    /// Why a text is not the value of a `Domain` attribute.
    pub enum DomainError {
        /// There is no name.
        Empty = "domain_empty", "RFC 6265bis section 4.1.1",
            "Leave Domain out to keep the cookie to this host, or name a host.",
        /// It is not a host name.
        NotAHostName = "domain_invalid", "RFC 6265bis section 4.1.1, RFC 1123 section 2.1",
            "Give Domain a host name such as shop.example: no leading or trailing dot, no port, ASCII labels of at most 63 characters, at most 253 in all.",
    }
}

impl<'a> Domain<'a> {
    /// Checks a domain.
    ///
    /// # Errors
    ///
    /// [`DomainError`] if it is empty or no host name.
    pub const fn new(domain: &'a str) -> Result<Self, DomainError> {
        if domain.is_empty() {
            return Err(DomainError::Empty);
        }
        if is_host_name(domain.as_bytes()) { Ok(Self(domain)) } else { Err(DomainError::NotAHostName) }
    }

    /// The same, and one leading dot stays as given: some servers write it, and user agents pass over it
    /// (RFC 6265bis section 5.6.3).
    ///
    /// # Errors
    ///
    /// [`DomainError`] if there is no host name but for that.
    pub const fn verbatim(domain: &'a str) -> Result<Self, DomainError> {
        match domain.as_bytes() {
            [b'.', name @ ..] if is_host_name(name) => Ok(Self(domain)),
            _ => Self::new(domain),
        }
    }

    /// The domain as given.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

const fn is_host_name(name: &[u8]) -> bool {
    if name.len() > 253 {
        return false;
    }
    let mut label = 0;
    let mut previous = b'.';
    let mut i = 0;
    while i < name.len() {
        let byte = name[i];
        if byte == b'.' {
            if label == 0 || previous == b'-' {
                return false;
            }
            label = 0;
        } else if byte.is_ascii_alphanumeric() || (byte == b'-' && label > 0) {
            label += 1;
            if label > 63 {
                return false;
            }
        } else {
            return false;
        }
        previous = byte;
        i += 1;
    }
    label > 0 && previous != b'-'
}

/// The value of a `Path` attribute.
///
/// ```
/// use twinjar_shared::cookie::{Path, PathError};
///
/// assert_eq!(Path::new("/shop").unwrap().as_str(), "/shop");
/// assert_eq!(Path::new("shop"), Err(PathError::NotAbsolute));
/// assert_eq!(Path::new("/a;b"), Err(PathError::NotAvOctets));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path<'a>(&'a str);

reasons! {
    /// Why a text is not the value of a `Path` attribute.
    pub enum PathError {
        /// It does not begin with `/`, so a user agent would use the path of the page instead.
        NotAbsolute = "path_not_absolute", "RFC 6265bis section 5.6.4", "Begin Path with a slash.",
        /// It ends in a space, which a user agent would cut off.
        TrailingSpace = "path_trailing_space", "RFC 6265bis section 5.6", "Remove the spaces at the end of Path.",
        /// A character cannot be sent.
        NotAvOctets = "path_invalid", "RFC 6265bis section 4.1.1",
            "Percent-encode semicolons, control characters and non-ASCII text in Path.",
    }
}

impl<'a> Path<'a> {
    /// `/`: the whole host.
    pub const ROOT: Path<'static> = Path("/");

    /// Checks a path.
    ///
    /// # Errors
    ///
    /// [`PathError`] if a user agent would not take the path as it is.
    pub const fn new(path: &'a str) -> Result<Self, PathError> {
        match path.as_bytes() {
            [b'/', .., b' '] => Err(PathError::TrailingSpace),
            [b'/', ..] => Self::verbatim(path),
            _ => Err(PathError::NotAbsolute),
        }
    }

    /// Checks the grammar alone, so that an agent other than a browser may get a relative path.
    /// User agents replace that by the path of the page, and [`SetCookie::build`](super::SetCookie::build) refuses it.
    ///
    /// # Errors
    ///
    /// [`PathError::NotAvOctets`].
    pub const fn verbatim(path: &'a str) -> Result<Self, PathError> {
        if class::all(path.as_bytes(), AV_OCTET) { Ok(Self(path)) } else { Err(PathError::NotAvOctets) }
    }

    /// The path as given.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether this is `/`.
    #[must_use]
    pub const fn is_root(self) -> bool {
        matches!(self.0.as_bytes(), b"/")
    }
}

#[cfg(test)]
mod tests;
