//! The storage model of RFC 6265bis section 5.7 (and what browsers add to it), rule by rule, for one cookie by
//! itself. Rules that look at other cookies are in [`super::verdict`].

use super::candidate::Candidate;
use super::context::{Api, Context, RuleSet, SameSiteContext};
use super::host::{is_below, is_ip_address};
use super::note::{Note, Notes};
use super::path::{default_path, path_match};
use super::refusal::Refusal;
use crate::cookie::class::{has, has_control};
use crate::cookie::limits::MAX_NAME_VALUE;
use crate::cookie::{IgnoreReason, Prefix, SameSite};

/// Whether a user agent would take this cookie, as far as the cookies that it already has do not forbid it.
///
/// This is the check to make before each write: it allocates nothing and knows no dates.
///
/// # Errors
///
/// The first [`Refusal`], in the order of [`Rule::ALL`].
pub fn check(cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    Rule::ALL.iter().try_for_each(|rule| rule.check(cookie, context))
}

/// What a user agent would store differently from what `cookie` asks for, if it takes it.
#[must_use]
pub fn notes(cookie: &Candidate<'_>, context: &Context<'_>) -> Notes {
    let mut notes = Notes::NONE;
    let path = path_of(cookie, context);
    notes.insert_if(cookie.path.is_some_and(|path| !path.starts_with(b"/")), Note::PathDefaulted);
    notes.insert_if(!path_match(context.url.path().as_bytes(), path), Note::PathElsewhere);
    notes.insert_if(cookie.domain.is_some() && domain_of(cookie, context) == Ok(None), Note::DomainIgnored);
    notes.insert_if(cookie.attribute_too_long, Note::AttributeTooLong);
    notes.insert_if(cookie.name.is_empty(), Note::Nameless);
    notes
}

/// A rule that a cookie has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Control characters are nowhere in it.
    Characters,
    /// Each part stays whole when it is written as a header.
    Separators,
    /// It has a name or a value.
    NotEmpty,
    /// Name and value have at most 4,096 octets together.
    Size,
    /// `Domain` is the host or above it, and no public suffix.
    Domain,
    /// `Secure` is set over a secure connection.
    Secure,
    /// `HttpOnly` is not set by a script.
    HttpOnly,
    /// `SameSite` allows to set it in this context, and `SameSite=None` has `Secure`.
    SameSite,
    /// `Partitioned` has `Secure`.
    Partitioned,
    /// The attributes keep what the name's prefix promises.
    Prefix,
    /// A nameless cookie cannot be taken for another one.
    Nameless,
}

impl Rule {
    /// All rules, in the order in which they are checked.
    pub const ALL: &'static [Self] = &[
        Self::Characters,
        Self::Separators,
        Self::NotEmpty,
        Self::Size,
        Self::Domain,
        Self::Secure,
        Self::HttpOnly,
        Self::SameSite,
        Self::Partitioned,
        Self::Prefix,
        Self::Nameless,
    ];

    /// What the rule demands, as the rest of a sentence that begins with "The cookie".
    #[must_use]
    pub const fn demand(self) -> &'static str {
        match self {
            Self::Characters => "has no control characters",
            Self::Separators => "stays whole when it is written as a header",
            Self::NotEmpty => "has a name or a value",
            Self::Size => "has at most 4,096 octets in its name and value",
            Self::Domain => "belongs to the host or to a domain above it that is no public suffix",
            Self::Secure => "is Secure only where the connection is",
            Self::HttpOnly => "is HttpOnly only if a server sets it",
            Self::SameSite => "may be set from this site, and with SameSite=None is Secure",
            Self::Partitioned => "is Secure if it is Partitioned",
            Self::Prefix => "has the attributes that its name's prefix promises",
            Self::Nameless => "cannot be taken for another one if it has no name",
        }
    }

    /// Checks this rule alone.
    ///
    /// # Errors
    ///
    /// Why the rule refuses the cookie.
    pub fn check(self, cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        match self {
            Self::Characters => characters(cookie, context),
            Self::Separators => refuse_if(has_separator(cookie), Refusal::Separator),
            Self::NotEmpty => {
                refuse_if(cookie.name.is_empty() && cookie.value.is_empty(), IgnoreReason::Empty.into())
            }
            Self::Size => {
                let size = cookie.name.len() + cookie.value.len();
                refuse_if(size > MAX_NAME_VALUE, IgnoreReason::TooLarge.into())
            }
            Self::Domain => domain_of(cookie, context).map(|_| ()),
            Self::Secure => refuse_if(cookie.secure && !context.is_secure(), Refusal::SecureOverInsecure),
            Self::HttpOnly => {
                refuse_if(cookie.http_only && context.api == Api::Script, Refusal::HttpOnlyFromScript)
            }
            Self::SameSite => same_site(cookie, context),
            Self::Partitioned => {
                refuse_if(cookie.partitioned && !cookie.secure, Refusal::PartitionedWithoutSecure)
            }
            Self::Prefix => prefix(cookie, context),
            Self::Nameless => nameless(cookie, context),
        }
    }
}

// The functions that are always inlined ask for the rule set: where a caller has a constant one, as the browser package
// does, the other one's code is gone.

/// Steps 8 to 10: the domain for which the cookie is to be stored, `None` if for the URL's host alone.
#[inline(always)]
pub(super) fn domain_of<'c>(
    cookie: &Candidate<'_>,
    context: &Context<'c>,
) -> Result<Option<&'c str>, Refusal> {
    let Some(domain) = cookie.domain else { return Ok(None) };
    let host = context.url.host();
    match context.url.matching_suffix(domain) {
        Some(domain) if !context.is_public_suffix(domain) && !keeps_to_address(context) => Ok(Some(domain)),
        Some(domain) if domain == host => Ok(None),
        Some(_) => Err(Refusal::DomainPublicSuffix),
        None if !domain.is_ascii() => Err(Refusal::DomainNotAscii),
        None if has(domain, b':') && !domain.starts_with(b"[") => Err(Refusal::DomainPort),
        None if domain.ends_with(b".") => Err(Refusal::DomainTrailingDot),
        None if is_below(domain, host) => Err(Refusal::DomainChild),
        None => Err(Refusal::DomainForeign),
    }
}

/// Browsers ignore a `Domain` that is the host's own IP address.
#[inline(always)]
fn keeps_to_address(context: &Context<'_>) -> bool {
    context.rules == RuleSet::Browsers && is_ip_address(context.url.host())
}

/// Step 11: the path for which the cookie is to be stored.
#[inline(always)]
pub(super) fn path_of<'a>(cookie: &Candidate<'a>, context: &Context<'a>) -> &'a [u8] {
    match cookie.path {
        Some(path @ [b'/', ..]) => path,
        _ => default_path(context.url.path().as_bytes()),
    }
}

fn refuse_if(condition: bool, refusal: Refusal) -> Result<(), Refusal> {
    if condition { Err(refusal) } else { Ok(()) }
}

fn characters(cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    if parts(cookie).any(has_control) {
        return Err(IgnoreReason::ControlCharacter.into());
    }
    let has_tab = has(cookie.name, b'\t') || has(cookie.value, b'\t');
    refuse_if(has_tab && context.rules == RuleSet::Browsers, Refusal::Tab)
}

fn has_separator(cookie: &Candidate<'_>) -> bool {
    has(cookie.name, b'=') || parts(cookie).any(|part| has(part, b';'))
}

fn parts<'a>(cookie: &Candidate<'a>) -> impl Iterator<Item = &'a [u8]> {
    [Some(cookie.name), Some(cookie.value), cookie.domain, cookie.path].into_iter().flatten()
}

/// Steps 18 and 19.
fn same_site(cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    if cookie.same_site == Some(SameSite::None) {
        return refuse_if(!cookie.secure, Refusal::SameSiteNoneWithoutSecure);
    }
    refuse_if(context.same_site == SameSiteContext::CrossSite, Refusal::CrossSite)
}

/// Steps 20 and 21, and the prefixes of the layered-cookies draft.
fn prefix(cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    let Some(prefix) = Prefix::of(cookie.name) else { return Ok(()) };
    let kept = cookie.secure
        && (cookie.http_only || !prefix.needs_http_only())
        && (!prefix.needs_host_only() || is_for_whole_host(cookie, context));
    refuse_if(
        !kept,
        match prefix {
            Prefix::Secure => Refusal::SecurePrefix,
            Prefix::Host => Refusal::HostPrefix,
            Prefix::Http => Refusal::HttpPrefix,
            Prefix::HostHttp => Refusal::HostHttpPrefix,
        },
    )
}

fn is_for_whole_host(cookie: &Candidate<'_>, context: &Context<'_>) -> bool {
    match context.rules {
        RuleSet::Rfc6265bis => {
            cookie.path.is_some()
                && path_of(cookie, context) == b"/"
                && domain_of(cookie, context) == Ok(None)
        }
        RuleSet::Browsers => {
            cookie.path == Some(b"/") && (cookie.domain.is_none() || keeps_to_address(context))
        }
    }
}

/// Step 22, and what browsers add to it.
fn nameless(cookie: &Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    if !cookie.name.is_empty() {
        return Ok(());
    }
    refuse_if(Prefix::of(cookie.value).is_some(), Refusal::NamelessPrefix)?;
    let reads_as_named = has(cookie.value, b'=') && context.rules == RuleSet::Browsers;
    refuse_if(reads_as_named, Refusal::NamelessEquals)
}
