//! The user agent's reading of a `Set-Cookie` value, RFC 6265bis section 5.6.

use alloc::borrow::Cow;
use core::fmt;

use super::attribute::SameSite;
use super::class::{has_control, split_once, trim};
use super::date;
use super::header::Pair;
use super::limits::{MAX_ATTRIBUTE, MAX_NAME_VALUE};
use super::raw::RawValue;
use crate::reason::reasons;

/// A `Set-Cookie` value as a user agent understands it, before the storage model decides about it.
///
/// Of an attribute given several times the last usable one counts. Lifetimes are as sent: sections 5.6.1 and 5.6.2
/// limit both to 400 days from now, which the [rule book](crate::policy) does, as it is told the time.
///
/// ```
/// use twinjar_shared::cookie::{IgnoreReason, ReceivedCookie};
///
/// let cookie = ReceivedCookie::parse(b"id=7; Path=/; secure; Max-Age=60").unwrap();
/// assert_eq!(cookie.name, "id");
/// assert_eq!(cookie.max_age, Some(60));
/// assert!(cookie.secure);
/// assert_eq!(ReceivedCookie::parse(b"id=7\n").unwrap_err(), IgnoreReason::ControlCharacter);
/// ```
///
/// `Debug` prints the name, not the value.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedCookie<'a> {
    /// The name; empty for a nameless cookie.
    pub name: RawValue<'a>,
    /// The value, with its quotes and percent-encoding as sent.
    pub value: RawValue<'a>,
    /// `Domain` in lower case, without one leading dot. An empty one is the same as none.
    pub domain: Option<Cow<'a, [u8]>>,
    /// `Path`, unless it is missing or does not begin with `/`: then the request's default path applies.
    pub path: Option<RawValue<'a>>,
    /// Whether there was a `Path` attribute at all, usable or not. The `__Host-` prefix asks for one.
    pub has_path: bool,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`; `None` if it is missing or unknown: then the user agent's default applies.
    pub same_site: Option<SameSite>,
    /// `Max-Age` in seconds, negative ones as sent; beyond what `i64` holds it saturates.
    pub max_age: Option<i64>,
    /// `Expires` in seconds since the Unix epoch. Where there is `Max-Age` too, that one counts.
    pub expires: Option<i64>,
    /// `Partitioned`.
    pub partitioned: bool,
    unparsed: &'a [u8],
}

reasons! {
    /// Why a user agent ignores a whole `Set-Cookie` value.
    pub enum IgnoreReason {
        /// It has a control character other than TAB.
        ControlCharacter = "control_character", "RFC 6265bis section 5.6",
            "Percent-encode control characters.",
        /// Name and value are longer than 4,096 octets together.
        TooLarge = "too_large", "RFC 6265bis section 5.6",
            "Shorten name and value to 4,096 octets together.",
        /// Name and value are both empty.
        Empty = "empty", "RFC 6265bis section 5.7", "Give the cookie a name.",
    }
}

impl<'a> ReceivedCookie<'a> {
    /// Reads the value of a `Set-Cookie` header, or what a script assigns to `document.cookie`.
    ///
    /// # Errors
    ///
    /// [`IgnoreReason`] if a user agent ignores it as a whole, whatever the request was.
    pub fn parse(set_cookie: &'a [u8]) -> Result<Self, IgnoreReason> {
        if has_control(set_cookie) {
            return Err(IgnoreReason::ControlCharacter);
        }
        let (pair, unparsed) = split_once(set_cookie, b';').unwrap_or((set_cookie, b""));
        let Pair { name, value } = Pair::parse(pair);
        if name.len() + value.len() > MAX_NAME_VALUE {
            return Err(IgnoreReason::TooLarge);
        }
        if name.is_empty() && value.is_empty() {
            return Err(IgnoreReason::Empty);
        }
        let mut cookie = Self {
            name,
            value,
            domain: None,
            path: None,
            has_path: false,
            secure: false,
            http_only: false,
            same_site: None,
            max_age: None,
            expires: None,
            partitioned: false,
            unparsed,
        };
        for attribute in cookie.attributes() {
            if attribute.value.len() <= MAX_ATTRIBUTE {
                cookie.apply(attribute);
            }
        }
        Ok(cookie)
    }

    /// All attributes as they were sent, in order, also unknown ones and those that were ignored.
    /// An attribute without `=` has an empty value.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.unparsed }
    }

    fn apply(&mut self, attribute: Pair<'a>) {
        let value = attribute.value.as_bytes();
        let is = |name: &str| attribute.name.as_bytes().eq_ignore_ascii_case(name.as_bytes());
        if is("expires") {
            self.expires = date::parse(value).or(self.expires);
        } else if is("max-age") {
            self.max_age = parse_max_age(value).or(self.max_age);
        } else if is("domain") {
            let domain = value.strip_prefix(b".").unwrap_or(value);
            self.domain = (!domain.is_empty()).then(|| to_lower_case(domain));
        } else if is("path") {
            self.has_path = true;
            self.path = value.starts_with(b"/").then_some(attribute.value);
        } else if is("secure") {
            self.secure = true;
        } else if is("httponly") {
            self.http_only = true;
        } else if is("samesite") {
            self.same_site = SameSite::parse(value);
        } else if is("partitioned") {
            self.partitioned = true;
        }
    }
}

impl fmt::Debug for ReceivedCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedCookie")
            .field("name", &format_args!("{}", self.name.as_bytes().escape_ascii()))
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// The attributes of a `Set-Cookie` value as they were sent.
#[derive(Clone)]
#[must_use = "iterators are lazy"]
pub struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (attribute, rest) = split_once(self.rest, b';').unwrap_or((self.rest, b""));
        self.rest = rest;
        let (name, value) = split_once(attribute, b'=').unwrap_or((attribute, b""));
        Some(Pair { name: RawValue::new(trim(name)), value: RawValue::new(trim(value)) })
    }
}

impl core::iter::FusedIterator for Attributes<'_> {}

/// `[ "-" ] 1*DIGIT`; anything else is no `Max-Age`.
fn parse_max_age(value: &[u8]) -> Option<i64> {
    let (negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = digits
        .iter()
        .fold(0_i64, |sum, &digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -seconds } else { seconds })
}

fn to_lower_case(domain: &[u8]) -> Cow<'_, [u8]> {
    if domain.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(domain.to_ascii_lowercase())
    } else {
        Cow::Borrowed(domain)
    }
}

#[cfg(test)]
mod tests;
