//! A cookie in a user agent's store.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::candidate::Candidate;
use super::context::{Api, Context, SameSiteContext};
use super::host::domain_match;
use super::path::path_match;
use crate::cookie::SameSite;

/// A cookie in a user agent's store (RFC 6265bis section 5.7). Times are seconds since the Unix epoch.
///
/// `Debug` prints the length of the value, not the value.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredCookie {
    /// The name; empty for a nameless cookie.
    pub name: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// The host, or with `host_only` false the domain, that the cookie belongs to; in lower case.
    pub domain: String,
    /// Whether the cookie belongs to the one host and not to those below it.
    pub host_only: bool,
    /// The path below which requests carry the cookie.
    pub path: Vec<u8>,
    /// Whether only secure connections carry the cookie.
    pub secure: bool,
    /// Whether the cookie is hidden from scripts.
    pub http_only: bool,
    /// `SameSite`; `None` for the default, which is like Lax.
    pub same_site: Option<SameSite>,
    /// Whether the cookie was stored with `Partitioned`. A store here is one partition.
    pub partitioned: bool,
    /// When the cookie expires; `None`: with the browser's session.
    pub expires: Option<i64>,
    /// When the cookie was first stored. It stays when the cookie is replaced.
    pub created: i64,
    /// When the cookie was last set or sent.
    pub last_access: i64,
}

impl StoredCookie {
    /// Whether the cookie's time is over.
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether a request, or a script that reads, in this context gets the cookie (RFC 6265bis section 5.8.3,
    /// step 3), provided that it has not expired.
    #[must_use]
    pub fn is_visible(&self, context: &Context<'_>) -> bool {
        self.belongs_to_host(context)
            && path_match(context.url.path().as_bytes(), &self.path)
            && (!self.secure || context.is_secure())
            && (!self.http_only || context.api == Api::Http)
            && self.same_site_allows(context)
    }

    fn belongs_to_host(&self, context: &Context<'_>) -> bool {
        let host = context.url.host();
        if self.host_only {
            return host == self.domain;
        }
        domain_match(host, &self.domain) && !context.is_public_suffix(&self.domain)
    }

    fn same_site_allows(&self, context: &Context<'_>) -> bool {
        match context.same_site {
            _ if self.same_site == Some(SameSite::None) => true,
            SameSiteContext::SameSite => true,
            SameSiteContext::CrossSiteNavigation { safe_method } => {
                safe_method && context.api == Api::Http && self.same_site != Some(SameSite::Strict)
            }
            SameSiteContext::CrossSite => false,
        }
    }

    /// Whether a store keeps one of the two: they have the same name, domain and path (section 5.7, step 23).
    pub(super) fn is_same_cookie(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
    }

    /// Whether a cookie that is set without `Secure` over an insecure connection would cover this one (section 5.7,
    /// step 16).
    pub(super) fn is_overlaid_by(&self, other: &Self) -> bool {
        let domains_meet =
            domain_match(&self.domain, &other.domain) || domain_match(&other.domain, &self.domain);
        self.secure && self.name == other.name && domains_meet && path_match(&other.path, &self.path)
    }

    /// A cookie as it is stored now. `domain` is `None` for the URL's host alone.
    pub(super) fn new(
        candidate: &Candidate<'_>,
        context: &Context<'_>,
        (domain, path): (Option<&str>, &[u8]),
        expires: Option<i64>,
        now: i64,
    ) -> Self {
        Self {
            name: candidate.name.to_vec(),
            value: candidate.value.to_vec(),
            domain: domain.unwrap_or(context.url.host()).into(),
            host_only: domain.is_none(),
            path: path.to_vec(),
            secure: candidate.secure,
            http_only: candidate.http_only,
            same_site: candidate.same_site,
            partitioned: candidate.partitioned,
            expires,
            created: now,
            last_access: now,
        }
    }
}

impl fmt::Debug for StoredCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCookie")
            .field("name", &format_args!("{}", self.name.escape_ascii()))
            .field("value", &format_args!("{} octets", self.value.len()))
            .field("domain", &self.domain)
            .field("host_only", &self.host_only)
            .field("path", &format_args!("{}", self.path.escape_ascii()))
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
