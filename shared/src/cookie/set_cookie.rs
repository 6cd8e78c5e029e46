//! The strict builder of a `Set-Cookie` value, RFC 6265bis section 4.1.

use alloc::string::String;

use super::attribute::{Domain, Path, Priority, SameSite};
use super::date::{self, ImfFixdate};
use super::decimal::Decimal;
use super::limits::{MAX_ATTRIBUTE, MAX_NAME_VALUE};
use super::name::CookieName;
use super::value::CookieValue;
use crate::reason::reasons;

/// A cookie to set. It starts without any attribute; [`SetCookie::hardened`] starts with the safe ones.
///
/// ```
/// use twinjar_shared::cookie::{CookieName, CookieValue, Path, SameSite, SetCookie};
///
/// let line = SetCookie::new(CookieName::new("__Host-id")?, CookieValue::encode("a b"))
///     .path(Path::ROOT)
///     .secure(true)
///     .http_only(true)
///     .same_site(SameSite::Lax)
///     .max_age(3600)
///     .build()?;
/// assert_eq!(line, "__Host-id=a%20b; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a cookie is set by sending what `build` returns"]
pub struct SetCookie<'a> {
    name: CookieName<'a>,
    value: CookieValue<'a>,
    attributes: CookieAttributes<'a>,
}

/// What a cookie has besides name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CookieAttributes<'a> {
    pub(crate) max_age: Option<i64>,
    pub(crate) domain: Option<Domain<'a>>,
    pub(crate) path: Option<Path<'a>>,
    pub(crate) expires: Option<i64>,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    pub(crate) partitioned: bool,
    pub(crate) priority: Option<Priority>,
    pub(crate) same_site: Option<SameSite>,
}

impl CookieAttributes<'_> {
    /// The attributes without value, as one piece.
    const fn flags(&self) -> &'static str {
        match (self.http_only, self.secure, self.partitioned) {
            (false, false, false) => "",
            (true, false, false) => "; HttpOnly",
            (false, true, false) => "; Secure",
            (true, true, false) => "; HttpOnly; Secure",
            (false, false, true) => "; Partitioned",
            (true, false, true) => "; HttpOnly; Partitioned",
            (false, true, true) => "; Secure; Partitioned",
            (true, true, true) => "; HttpOnly; Secure; Partitioned",
        }
    }

    pub(crate) const NONE: Self = Self {
        max_age: None,
        domain: None,
        path: None,
        expires: None,
        http_only: false,
        secure: false,
        partitioned: false,
        priority: None,
        same_site: None,
    };
}

reasons! {
    /// Why a cookie cannot be set as described: a user agent would drop it, or understand something else.
    pub enum BuildError {
        /// The name's prefix asks for `Secure`.
        PrefixNeedsSecure = "prefix_needs_secure", "RFC 6265bis section 4.1.3",
            "Set Secure, as the prefix of the cookie's name asks, or choose a name without the prefix.",
        /// The name's prefix asks for `HttpOnly`.
        PrefixNeedsHttpOnly = "prefix_needs_http_only", "draft-ietf-httpbis-layered-cookies section 4.1.3",
            "Set HttpOnly, as the prefix of the cookie's name asks, or choose a name without the prefix.",
        /// The name's prefix asks for `Path=/`.
        PrefixNeedsRootPath = "prefix_needs_root_path", "RFC 6265bis section 4.1.3.2",
            "Set the path to /, as the prefix of the cookie's name asks, or choose a name without the prefix.",
        /// The name's prefix forbids `Domain`.
        PrefixForbidsDomain = "prefix_forbids_domain", "RFC 6265bis section 4.1.3.2",
            "Leave Domain out, as the prefix of the cookie's name asks, or choose a name without the prefix.",
        /// `SameSite=None` without `Secure`.
        SameSiteNoneNeedsSecure = "same_site_none_needs_secure", "RFC 6265bis section 5.7",
            "Set Secure: user agents drop a cookie with SameSite=None that is not secure.",
        /// `Partitioned` without `Secure`.
        PartitionedNeedsSecure = "partitioned_needs_secure", "draft-cutler-httpbis-partitioned-cookies section 2.1",
            "Set Secure: user agents drop a partitioned cookie that is not secure.",
        /// `Max-Age` is negative.
        NegativeMaxAge = "max_age_negative", "RFC 6265bis section 4.1.1",
            "Use a Max-Age of zero to remove a cookie; a negative one cannot be sent.",
        /// `Expires` is outside the years 1601 to 9999.
        ExpiresOutOfRange = "expires_out_of_range", "RFC 6265bis section 5.1.1",
            "Use an expiry date of the years 1601 to 9999.",
        /// The path does not begin with `/`.
        PathNotAbsolute = "path_not_absolute", "RFC 6265bis section 5.6.4", "Begin the path with a slash.",
        /// The path is longer than 1,024 octets.
        PathTooLong = "path_too_long", "RFC 6265bis section 5.6",
            "Shorten the path: user agents ignore one of more than 1,024 octets.",
        /// Name and value are longer than 4,096 octets together.
        TooLarge = "too_large", "RFC 6265bis section 5.6",
            "Shorten the cookie: its name and value may have 4,096 octets together.",
    }
}

impl<'a> SetCookie<'a> {
    /// A cookie without attributes.
    pub const fn new(name: CookieName<'a>, value: CookieValue<'a>) -> Self {
        Self::with_attributes(name, value, CookieAttributes::NONE)
    }

    /// A cookie with `Path=/; HttpOnly; Secure; SameSite=Lax`: what a server's own cookies should have.
    pub const fn hardened(name: CookieName<'a>, value: CookieValue<'a>) -> Self {
        let attributes = CookieAttributes {
            path: Some(Path::ROOT),
            http_only: true,
            secure: true,
            same_site: Some(SameSite::Lax),
            ..CookieAttributes::NONE
        };
        Self::with_attributes(name, value, attributes)
    }

    pub(crate) const fn with_attributes(
        name: CookieName<'a>,
        value: CookieValue<'a>,
        attributes: CookieAttributes<'a>,
    ) -> Self {
        Self { name, value, attributes }
    }

    /// The lifetime in seconds. Zero removes the cookie; user agents keep none longer than 400 days.
    pub const fn max_age(mut self, seconds: i64) -> Self {
        self.attributes.max_age = Some(seconds);
        self
    }

    /// The hosts that get the cookie: this one and all below it. Without it, only the host that sets the cookie.
    pub const fn domain(mut self, domain: Domain<'a>) -> Self {
        self.attributes.domain = Some(domain);
        self
    }

    /// The path below which requests carry the cookie. Without it, the directory of the request's path.
    pub const fn path(mut self, path: Path<'a>) -> Self {
        self.attributes.path = Some(path);
        self
    }

    /// The end of the lifetime in seconds since the Unix epoch. `Max-Age` goes before it.
    pub const fn expires(mut self, epoch_seconds: i64) -> Self {
        self.attributes.expires = Some(epoch_seconds);
        self
    }

    /// Whether scripts cannot see the cookie.
    pub const fn http_only(mut self, yes: bool) -> Self {
        self.attributes.http_only = yes;
        self
    }

    /// Whether only encrypted connections carry the cookie.
    pub const fn secure(mut self, yes: bool) -> Self {
        self.attributes.secure = yes;
        self
    }

    /// Whether an embedded page has a jar of its own under each top-level site. Needs `Secure`.
    pub const fn partitioned(mut self, yes: bool) -> Self {
        self.attributes.partitioned = yes;
        self
    }

    /// Which cookies a browser with full storage drops last.
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.attributes.priority = Some(priority);
        self
    }

    /// Which requests from other sites carry the cookie.
    pub const fn same_site(mut self, same_site: SameSite) -> Self {
        self.attributes.same_site = Some(same_site);
        self
    }

    /// The cookie that removes this one: the same name, domain, path and flags, no value, a lifetime that is over.
    pub fn removal(self) -> Self {
        let attributes =
            CookieAttributes { max_age: Some(0), expires: Some(0), priority: None, ..self.attributes };
        Self::with_attributes(self.name, CookieValue::EMPTY, attributes)
    }

    /// The value of the `Set-Cookie` header.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a user agent would drop the cookie or understand it otherwise than described.
    pub fn build(&self) -> Result<String, BuildError> {
        self.check_user_agent_rules()?;
        self.build_by_grammar()
    }

    /// As [`SetCookie::build`], for agents other than browsers: only the grammar of RFC 6265bis section 4.1
    /// and the name prefixes are checked. A browser may drop such a cookie.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the grammar or the name's prefix forbids the cookie.
    pub fn build_by_grammar(&self) -> Result<String, BuildError> {
        self.check_prefix()?;
        let max_age = match self.attributes.max_age {
            Some(seconds) => Some(u64::try_from(seconds).map_err(|_| BuildError::NegativeMaxAge)?),
            None => None,
        };
        let max_age = max_age.map(Decimal::new);
        let max_age = max_age.as_ref().map(Decimal::as_str);
        let expires = match self.attributes.expires {
            Some(seconds) => Some(self::expires(seconds)?),
            None => None,
        };
        let expires = expires.as_ref().map(ImfFixdate::as_str);

        let mut length = 0;
        self.pieces(max_age, expires, |piece| length += piece.len());
        let mut line = String::with_capacity(length);
        self.pieces(max_age, expires, |piece| line.push_str(piece));
        Ok(line)
    }

    fn check_user_agent_rules(&self) -> Result<(), BuildError> {
        if self.name.as_str().len() + self.value.as_str().len() > MAX_NAME_VALUE {
            return Err(BuildError::TooLarge);
        }
        if let Some(path) = self.attributes.path {
            if !path.as_str().starts_with('/') {
                return Err(BuildError::PathNotAbsolute);
            }
            if path.as_str().len() > MAX_ATTRIBUTE {
                return Err(BuildError::PathTooLong);
            }
        }
        if !self.attributes.secure && self.attributes.same_site == Some(SameSite::None) {
            return Err(BuildError::SameSiteNoneNeedsSecure);
        }
        if !self.attributes.secure && self.attributes.partitioned {
            return Err(BuildError::PartitionedNeedsSecure);
        }
        Ok(())
    }

    fn check_prefix(&self) -> Result<(), BuildError> {
        let Some(prefix) = self.name.prefix() else {
            return Ok(());
        };
        if !self.attributes.secure {
            return Err(BuildError::PrefixNeedsSecure);
        }
        if prefix.needs_http_only() && !self.attributes.http_only {
            return Err(BuildError::PrefixNeedsHttpOnly);
        }
        if prefix.needs_host_only() && self.attributes.domain.is_some() {
            return Err(BuildError::PrefixForbidsDomain);
        }
        if prefix.needs_host_only() && !self.attributes.path.is_some_and(Path::is_root) {
            return Err(BuildError::PrefixNeedsRootPath);
        }
        Ok(())
    }

    /// Gives the pieces of the line in the order that Express uses.
    fn pieces(&self, max_age: Option<&str>, expires: Option<&str>, mut give: impl FnMut(&str)) {
        let attributes = &self.attributes;
        let mut give_value = |label: &str, value: Option<&str>| {
            if let Some(value) = value {
                give(label);
                give(value);
            }
        };
        give_value("", Some(self.name.as_str()));
        give_value("=", Some(self.value.as_str()));
        give_value("; Max-Age=", max_age);
        give_value("; Domain=", attributes.domain.map(Domain::as_str));
        give_value("; Path=", attributes.path.map(Path::as_str));
        give_value("; Expires=", expires);
        give_value(attributes.flags(), Some(""));
        give_value("; Priority=", attributes.priority.map(Priority::as_str));
        give_value("; SameSite=", attributes.same_site.map(SameSite::as_str));
    }
}

fn expires(epoch_seconds: i64) -> Result<ImfFixdate, BuildError> {
    if epoch_seconds < date::EARLIEST {
        return Err(BuildError::ExpiresOutOfRange);
    }
    date::format(epoch_seconds).ok_or(BuildError::ExpiresOutOfRange)
}

#[cfg(test)]
mod tests;
