//! What a user agent does with a `Set-Cookie` value: the whole storage model of RFC 6265bis section 5.7.

use super::candidate::Candidate;
use super::context::{Api, Context};
use super::note::{Note, Notes};
use super::refusal::Refusal;
use super::storage::{check, domain_of, notes, path_of};
use super::stored::StoredCookie;
use crate::cookie::limits::{MAX_ATTRIBUTE, MAX_LIFETIME_SECONDS};
use crate::cookie::{ReceivedCookie, SameSite};

/// What a user agent does with a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stores the cookie.
    Stored {
        /// The cookie as stored.
        cookie: StoredCookie,
        /// The index of the cookie that it replaces.
        replaced: Option<usize>,
        /// What differs from what was asked for.
        notes: Notes,
    },
    /// The cookie's lifetime is over already: it stores nothing, and removes the cookie that this one replaces.
    Removed {
        /// The index of the cookie to remove; `None` if there was none.
        removed: Option<usize>,
        /// What differs from what was asked for.
        notes: Notes,
    },
    /// It ignores the cookie.
    Refused(Refusal),
}

/// Judges a `Set-Cookie` value, or what a script assigns to `document.cookie`: what does a user agent do with it
/// that has the cookies `existing`, at `now` (seconds since the Unix epoch)?
///
/// ```
/// use twinjar_shared::policy::{Context, Note, Refusal, RequestUrl, Verdict, judge};
///
/// let url = RequestUrl::parse("https://shop.example/cart/items").unwrap();
/// let now = 1_800_000_000;
/// let Verdict::Stored { cookie, notes, .. } = judge(b"a=1; Path=here", &Context::http(&url), &[], now) else {
///     panic!("refused");
/// };
/// assert_eq!(cookie.path, b"/cart");
/// assert!(notes.contains(Note::PathDefaulted));
///
/// let verdict = judge(b"a=1; Domain=bank.example", &Context::http(&url), &[], now);
/// assert_eq!(verdict, Verdict::Refused(Refusal::DomainForeign));
/// ```
#[must_use]
pub fn judge(set_cookie: &[u8], context: &Context<'_>, existing: &[StoredCookie], now: i64) -> Verdict {
    match accept(set_cookie, context, existing, now) {
        Ok((cookie, replaced, notes)) if cookie.is_expired(now) => {
            Verdict::Removed { removed: replaced, notes }
        }
        Ok((cookie, replaced, notes)) => Verdict::Stored { cookie, replaced, notes },
        Err(refusal) => Verdict::Refused(refusal),
    }
}

type Accepted = (StoredCookie, Option<usize>, Notes);

fn accept(
    set_cookie: &[u8],
    context: &Context<'_>,
    existing: &[StoredCookie],
    now: i64,
) -> Result<Accepted, Refusal> {
    let received = ReceivedCookie::parse(set_cookie)?;
    let candidate = Candidate::from(&received);
    check(&candidate, context)?;
    let scope = (domain_of(&candidate, context)?, path_of(&candidate, context));
    let mut notes = notes(&candidate, context);
    add_attribute_notes(&received, &mut notes);
    let expires = expiry(&received, now, &mut notes);
    let mut cookie = StoredCookie::new(&candidate, context, scope, expires, now);
    let replaced = meet_existing(&cookie, context, existing, now)?;
    if let Some(old) = replaced.and_then(|index| existing.get(index)) {
        cookie.created = old.created;
    }
    Ok((cookie, replaced, notes))
}

/// Steps 16 and 23: the rules that protect other cookies, and the index of the one that `cookie` replaces.
fn meet_existing(
    cookie: &StoredCookie,
    context: &Context<'_>,
    existing: &[StoredCookie],
    now: i64,
) -> Result<Option<usize>, Refusal> {
    let alive = || existing.iter().enumerate().filter(|(_, old)| !old.is_expired(now));
    if !cookie.secure && !context.is_secure() && alive().any(|(_, old)| old.is_overlaid_by(cookie)) {
        return Err(Refusal::SecureOverlay);
    }
    match alive().find(|(_, old)| old.is_same_cookie(cookie)) {
        Some((_, old)) if old.http_only && context.api == Api::Script => Err(Refusal::HttpOnlyOverwrite),
        found => Ok(found.map(|(index, _)| index)),
    }
}

/// Step 6, with the limit of section 5.5. A lifetime that is over already is a time in the past.
fn expiry(received: &ReceivedCookie<'_>, now: i64, notes: &mut Notes) -> Option<i64> {
    let limit = now.saturating_add(MAX_LIFETIME_SECONDS);
    let asked = match received.max_age {
        Some(seconds) if seconds <= 0 => i64::MIN,
        Some(seconds) => now.saturating_add(seconds),
        None => received.expires?,
    };
    notes.insert_if(asked > limit, Note::LifetimeClamped);
    Some(asked.min(limit))
}

fn add_attribute_notes(received: &ReceivedCookie<'_>, notes: &mut Notes) {
    const KNOWN: [&str; 9] =
        ["expires", "max-age", "domain", "path", "secure", "httponly", "samesite", "partitioned", "priority"];
    let mut seen = [false; KNOWN.len()];
    for attribute in received.attributes() {
        if attribute.name.is_empty() && attribute.value.is_empty() {
            continue;
        }
        let name = attribute.name.as_bytes();
        let known =
            KNOWN.iter().zip(&mut seen).find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        let Some((&known, seen)) = known else {
            notes.insert(Note::AttributeUnknown);
            continue;
        };
        notes.insert_if(*seen, Note::AttributeRepeated);
        *seen = true;
        if attribute.value.len() > MAX_ATTRIBUTE {
            notes.insert(Note::AttributeTooLong);
            continue;
        }
        let value = attribute.value.as_bytes();
        match known {
            "samesite" => notes.insert_if(SameSite::parse(value).is_none(), Note::SameSiteUnknown),
            "expires" => notes.insert_if(received.expires.is_none(), Note::ExpiresInvalid),
            "max-age" => notes.insert_if(received.max_age.is_none(), Note::MaxAgeInvalid),
            _ => {}
        }
    }
    notes.insert_if(received.max_age.is_some() && received.expires.is_some(), Note::ExpiresOverridden);
}
