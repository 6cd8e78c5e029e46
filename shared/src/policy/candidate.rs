//! A cookie that somebody wants stored.

use crate::cookie::class::trim;
use crate::cookie::limits::MAX_ATTRIBUTE;
use crate::cookie::{RawValue, ReceivedCookie, SameSite};

/// A cookie that somebody wants stored, in the parts that decide whether it is: what a script is about to write, or
/// what was read from a `Set-Cookie` value (`Candidate::from(&received)`). It borrows everything.
///
/// How long the cookie would live decides nothing, so it is not here.
///
/// ```
/// use twinjar_shared::policy::{Candidate, Context, Refusal, RequestUrl, check};
///
/// let page = RequestUrl::parse("https://shop.example/").unwrap();
/// let write = Candidate::new("__Host-theme", "dark").path("/");
/// assert_eq!(check(&write, &Context::script(&page)), Err(Refusal::HostPrefix));
/// assert_eq!(check(&write.secure(true), &Context::script(&page)), Ok(()));
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Candidate<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) domain: Option<&'a [u8]>,
    pub(super) path: Option<&'a [u8]>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
    pub(super) partitioned: bool,
    pub(super) attribute_too_long: bool,
}

impl<'a> Candidate<'a> {
    /// A cookie without attributes. Name and value are as they would be sent: already percent-encoded where the
    /// writer does that. SP and TAB around them do not count, as in a header.
    pub fn new(name: &'a str, value: &'a str) -> Self {
        Self {
            name: trim(name.as_bytes()),
            value: trim(value.as_bytes()),
            domain: None,
            path: None,
            secure: false,
            http_only: false,
            same_site: None,
            partitioned: false,
            attribute_too_long: false,
        }
    }

    /// `Domain`. As in a header, one leading dot does not count, and an empty or overlong domain is none.
    pub fn domain(mut self, domain: &'a str) -> Self {
        let domain = self.attribute(domain).map(|domain| domain.strip_prefix(b".").unwrap_or(domain));
        self.domain = domain.filter(|domain| !domain.is_empty());
        self
    }

    /// `Path`. As in a header, an overlong path is none, and one that does not begin with `/` becomes the default path.
    pub fn path(mut self, path: &'a str) -> Self {
        self.path = self.attribute(path);
        self
    }

    /// `Secure`.
    pub const fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// `HttpOnly`.
    pub const fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// `SameSite`.
    pub const fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// `Partitioned`.
    pub const fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    fn attribute(&mut self, value: &'a str) -> Option<&'a [u8]> {
        let value = trim(value.as_bytes());
        let fits = value.len() <= MAX_ATTRIBUTE;
        self.attribute_too_long |= !fits;
        fits.then_some(value)
    }
}

impl<'a> From<&'a ReceivedCookie<'_>> for Candidate<'a> {
    fn from(received: &'a ReceivedCookie<'_>) -> Self {
        let relative_path = received.has_path.then_some(b"".as_slice());
        Self {
            name: received.name.as_bytes(),
            value: received.value.as_bytes(),
            domain: received.domain.as_deref(),
            path: received.path.map(RawValue::as_bytes).or(relative_path),
            secure: received.secure,
            http_only: received.http_only,
            same_site: received.same_site,
            partitioned: received.partitioned,
            attribute_too_long: false,
        }
    }
}
