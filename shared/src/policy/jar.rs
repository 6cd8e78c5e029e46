//! A user agent's cookie store as pure data.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::context::Context;
use super::stored::StoredCookie;
use super::verdict::{Verdict, judge};

/// A user agent's cookie store: give it `Set-Cookie` values, ask it for the cookies of a request.
///
/// It has no clock: every call takes the time, in seconds since the Unix epoch.
///
/// ```
/// use twinjar_shared::policy::{Context, Jar, RequestUrl};
///
/// let now = 1_800_000_000;
/// let url = RequestUrl::parse("https://shop.example/cart/items").unwrap();
/// let mut jar = Jar::new();
/// jar.receive(b"id=7; Path=/", &Context::http(&url), now);
/// jar.receive(b"cart=3", &Context::http(&url), now);
/// assert_eq!(jar.cookie_header(&Context::http(&url), now), b"cart=3; id=7");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Jar {
    // In the order of creation.
    cookies: Vec<StoredCookie>,
    limits: Limits,
}

/// How many cookies a [`Jar`] keeps (RFC 6265bis section 5.7 leaves it to the user agent, and asks for at least 50 a
/// domain and 3,000 in all). When there are more, cookies without `Secure` go first, then those used least recently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// For one domain.
    pub per_domain: usize,
    /// In all.
    pub total: usize,
}

impl Limits {
    /// About what browsers keep: 180 of a domain, 3,300 in all.
    pub const BROWSERS: Self = Self { per_domain: 180, total: 3300 };
    /// No limits.
    pub const NONE: Self = Self { per_domain: usize::MAX, total: usize::MAX };
}

impl Default for Limits {
    fn default() -> Self {
        Self::BROWSERS
    }
}

impl Jar {
    /// An empty jar with the limits of browsers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty jar.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { cookies: Vec::new(), limits }
    }

    /// The cookies, the oldest first. Some may have expired since the last call.
    #[must_use]
    pub fn cookies(&self) -> &[StoredCookie] {
        &self.cookies
    }

    /// Does what a user agent does with a `Set-Cookie` value, or with what a script assigns to `document.cookie`.
    /// Expired cookies are removed before; indices in the verdict are those from after that.
    pub fn receive(&mut self, set_cookie: &[u8], context: &Context<'_>, now: i64) -> Verdict {
        self.remove_expired(now);
        let verdict = judge(set_cookie, context, &self.cookies, now);
        match &verdict {
            Verdict::Stored { cookie, replaced, .. } => {
                match replaced.and_then(|index| self.cookies.get_mut(index)) {
                    Some(old) => *old = cookie.clone(),
                    None => self.cookies.push(cookie.clone()),
                }
                self.evict(&cookie.domain);
            }
            Verdict::Removed { removed: Some(index), .. } => {
                self.cookies.remove(*index);
            }
            Verdict::Removed { removed: None, .. } | Verdict::Refused(_) => {}
        }
        verdict
    }

    /// The cookies that a request, or a script that reads, gets, in the order in which it gets them (RFC 6265bis
    /// section 5.8.3): longer paths first, then older cookies. They count as used at `now`.
    pub fn cookies_for(&mut self, context: &Context<'_>, now: i64) -> Vec<&StoredCookie> {
        let mut found = Vec::new();
        for cookie in &mut self.cookies {
            if !cookie.is_expired(now) && cookie.is_visible(context) {
                cookie.last_access = now;
                found.push(&*cookie);
            }
        }
        found.sort_by_key(|cookie| (Reverse(cookie.path.len()), cookie.created));
        found
    }

    /// The value of the `Cookie` header, or of `document.cookie`; empty if there are no cookies.
    pub fn cookie_header(&mut self, context: &Context<'_>, now: i64) -> Vec<u8> {
        let mut header = Vec::new();
        for cookie in self.cookies_for(context, now) {
            if !header.is_empty() {
                header.extend_from_slice(b"; ");
            }
            if !cookie.name.is_empty() {
                header.extend_from_slice(&cookie.name);
                header.push(b'=');
            }
            header.extend_from_slice(&cookie.value);
        }
        header
    }

    /// Removes the cookies whose time is over.
    pub fn remove_expired(&mut self, now: i64) {
        self.cookies.retain(|cookie| !cookie.is_expired(now));
    }

    /// Removes the cookies that have no lifetime, as when a browser closes.
    pub fn end_session(&mut self) {
        self.cookies.retain(|cookie| cookie.expires.is_some());
    }

    fn evict(&mut self, domain: &str) {
        while self.cookies.iter().filter(|cookie| cookie.domain == domain).count() > self.limits.per_domain {
            self.remove_least(|cookie| (cookie.domain != domain, cookie.secure, cookie.last_access));
        }
        while self.cookies.len() > self.limits.total {
            self.remove_least(|cookie| cookie.last_access);
        }
    }

    fn remove_least<K: Ord>(&mut self, key: impl Fn(&StoredCookie) -> K) {
        let least = self.cookies.iter().enumerate().min_by_key(|(_, cookie)| key(cookie));
        if let Some((index, _)) = least {
            self.cookies.remove(index);
        }
    }
}
