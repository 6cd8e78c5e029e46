//! Under which circumstances a cookie is set or sent.

use super::public_suffix::single_label;
use super::url::RequestUrl;

/// Under which circumstances a cookie is set or sent: the URL, who asks, and how strictly to judge.
///
/// # Defaults
///
/// - same-site ([`Context::same_site`])
/// - the rules of browsers ([`Context::rules`])
/// - loopback hosts count as secure ([`Context::trust_loopback`])
/// - a domain of one label is a public suffix ([`Context::public_suffixes`])
///
/// ```
/// use twinjar_shared::policy::{Context, RequestUrl, RuleSet};
///
/// let url = RequestUrl::parse("https://shop.example/").unwrap();
/// let suffixes = |domain: &str| ["com", "example"].contains(&domain);
/// let response = Context::http(&url).rules(RuleSet::Rfc6265bis).public_suffixes(&suffixes);
/// # let _ = response;
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Context<'a> {
    pub(super) url: &'a RequestUrl<'a>,
    pub(super) api: Api,
    pub(super) same_site: SameSiteContext,
    pub(super) rules: RuleSet,
    trust_loopback: bool,
    public_suffix: &'a dyn Fn(&str) -> bool,
}

/// Who sets or reads cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// A `Set-Cookie` or `Cookie` header.
    Http,
    /// A script: `document.cookie` or the Cookie Store API ("non-HTTP API").
    Script,
}

/// How a request or a page relates to the site in the address bar (RFC 6265bis section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSiteContext {
    /// The same site.
    SameSite,
    /// A request from another site that navigates the whole page: a link, or a form.
    CrossSiteNavigation {
        /// Whether its method is safe: GET, HEAD, OPTIONS or TRACE.
        safe_method: bool,
    },
    /// Anything else from another site, and scripts in a frame of another site.
    CrossSite,
}

/// By which rules to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleSet {
    /// The letter of RFC 6265bis, with the `__Http-` prefixes and the demand that `Partitioned` has `Secure`.
    Rfc6265bis,
    /// What browsers do where they are stricter: they refuse a TAB within a name or value, a nameless value with
    /// `=`, and `__Host-` where `Path` is not literally `/` or `Domain` is given. At an IP address they ignore a
    /// `Domain` of that address.
    Browsers,
}

impl<'a> Context<'a> {
    /// A response from, or a request to, `url`.
    pub const fn http(url: &'a RequestUrl<'a>) -> Self {
        Self::new(url, Api::Http)
    }

    /// A script on the page at `url`.
    pub const fn script(url: &'a RequestUrl<'a>) -> Self {
        Self::new(url, Api::Script)
    }

    const fn new(url: &'a RequestUrl<'a>, api: Api) -> Self {
        Self {
            url,
            api,
            same_site: SameSiteContext::SameSite,
            rules: RuleSet::Browsers,
            trust_loopback: true,
            public_suffix: &single_label,
        }
    }

    /// How the request or page relates to the site in the address bar.
    pub const fn same_site(mut self, same_site: SameSiteContext) -> Self {
        self.same_site = same_site;
        self
    }

    /// By which rules to judge.
    pub const fn rules(mut self, rules: RuleSet) -> Self {
        self.rules = rules;
        self
    }

    /// Whether loopback hosts (`localhost`, names below it, 127.0.0.0/8, `[::1]`) count as secure over plain http,
    /// as they do in browsers.
    pub const fn trust_loopback(mut self, trust: bool) -> Self {
        self.trust_loopback = trust;
        self
    }

    /// Says whether a domain is a public suffix. It is asked about domains in lower case that the URL's host
    /// belongs to.
    pub const fn public_suffixes(mut self, is_public_suffix: &'a dyn Fn(&str) -> bool) -> Self {
        self.public_suffix = is_public_suffix;
        self
    }

    /// Whether the connection counts as secure.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.has_secure_scheme() || self.trust_loopback && self.url.is_loopback()
    }

    pub(super) fn is_public_suffix(&self, domain: &str) -> bool {
        (self.public_suffix)(domain)
    }
}
