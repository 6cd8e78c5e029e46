//! The `Cookie` request header, RFC 6265bis section 4.2: zero-copy, in order, duplicates kept.

use core::fmt;
use core::iter::FusedIterator;

use super::class::{split_once, trim};
use super::raw::RawValue;
use super::search::Values;

/// The value of a `Cookie` header. Every byte string is one; nothing is allocated to read it.
///
/// Parts are separated by `;` (quotes do not protect it), SP and TAB around names and values are dropped, and the
/// first `=` of a part separates name and value. A part without `=` is a nameless cookie; an empty part is none.
///
/// A request may carry several `Cookie` headers: read them one after the other.
///
/// ```
/// use twinjar_shared::cookie::CookieHeader;
///
/// let header = CookieHeader::new(b"theme=dark; lang=en; theme=light");
/// assert_eq!(header.get("theme").unwrap(), "dark");
/// assert_eq!(header.get_all("theme").count(), 2);
/// assert!(header.get("Theme").is_none(), "names are case-sensitive");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CookieHeader<'a>(RawValue<'a>);

impl<'a> CookieHeader<'a> {
    /// Takes the header's value.
    #[must_use]
    pub const fn new(value: &'a [u8]) -> Self {
        Self(RawValue::new(value))
    }

    /// The value of the first cookie with this name. The empty name finds the first nameless cookie.
    #[must_use]
    pub fn get(self, name: &str) -> Option<RawValue<'a>> {
        self.get_all(name).next()
    }

    /// The values of all cookies with this name, in order.
    pub fn get_all<'n>(self, name: &'n str) -> Values<'a, 'n> {
        Values::new(self.0.as_bytes(), name.as_bytes())
    }

    /// All cookies, in order.
    pub const fn pairs(self) -> Pairs<'a> {
        Pairs::new(self.0.as_bytes())
    }
}

impl<'a> IntoIterator for CookieHeader<'a> {
    type Item = Pair<'a>;
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.pairs()
    }
}

/// One cookie of a `Cookie` header. `Debug` prints its name, not its value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair<'a> {
    /// The name; empty for a nameless cookie.
    pub name: RawValue<'a>,
    /// The value, with its quotes and percent-encoding as sent.
    pub value: RawValue<'a>,
}

impl<'a> Pair<'a> {
    /// Reads `name=value`, or a nameless value where there is no `=`.
    pub(crate) fn parse(part: &'a [u8]) -> Self {
        let (name, value) = split_once(part, b'=').unwrap_or((b"", part));
        Self { name: RawValue::new(trim(name)), value: RawValue::new(trim(value)) }
    }
}

impl fmt::Debug for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pair({}, {:?})", self.name.as_bytes().escape_ascii(), self.value)
    }
}

/// The cookies of a `Cookie` header, in order.
#[derive(Clone)]
#[must_use = "iterators are lazy"]
pub struct Pairs<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Pairs<'a> {
    pub(crate) const fn new(header: &'a [u8]) -> Self {
        Self { rest: Some(header) }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        while let Some(rest) = self.rest {
            let part = match split_once(rest, b';') {
                Some((part, rest)) => {
                    self.rest = Some(rest);
                    part
                }
                None => {
                    self.rest = None;
                    rest
                }
            };
            let part = trim(part);
            if !part.is_empty() {
                return Some(Pair::parse(part));
            }
        }
        None
    }
}

impl FusedIterator for Pairs<'_> {}

#[cfg(test)]
mod tests;
