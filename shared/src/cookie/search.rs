//! Finding a name in a `Cookie` header without reading the cookies before it.

use core::iter::FusedIterator;

use memchr::memmem;

use super::class::{split_once, trim, trim_end, trim_start};
use super::header::Pairs;
use super::raw::RawValue;

/// The values of all cookies of one name, in order.
///
/// The name is searched as a text, which is faster than to split the header: most of it is never looked at twice.
#[derive(Clone)]
#[must_use = "iterators are lazy"]
pub struct Values<'a, 'n>(Search<'a, 'n>);

#[derive(Clone)]
enum Search<'a, 'n> {
    /// `rest` begins where a cookie begins.
    Named {
        rest: &'a [u8],
        name: &'n [u8],
    },
    Nameless(Pairs<'a>),
    Over,
}

impl<'a, 'n> Values<'a, 'n> {
    pub(crate) fn new(header: &'a [u8], name: &'n [u8]) -> Self {
        Self(if name.is_empty() {
            Search::Nameless(Pairs::new(header))
        } else if name.iter().any(|byte| matches!(byte, b';' | b'=')) || trim(name).len() < name.len() {
            // No cookie is read with such a name.
            Search::Over
        } else {
            Search::Named { rest: header, name }
        })
    }
}

impl<'a> Iterator for Values<'a, '_> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<RawValue<'a>> {
        match &mut self.0 {
            Search::Named { rest, name } => {
                let found = next_named(rest, name);
                if found.is_none() {
                    self.0 = Search::Over;
                }
                found
            }
            Search::Nameless(pairs) => pairs.find(|pair| pair.name.is_empty()).map(|pair| pair.value),
            Search::Over => None,
        }
    }
}

impl FusedIterator for Values<'_, '_> {}

/// A cookie's name begins a part of the header and ends at the part's first `=`. What else looks like the name is
/// inside a part, where no other cookie can begin: the search goes on behind the part, and so stays linear.
fn next_named<'a>(rest: &mut &'a [u8], name: &[u8]) -> Option<RawValue<'a>> {
    // Often the cookie is the next one: a look is cheaper than to set up the search. In a browser size comes first.
    if !cfg!(target_family = "wasm")
        && let Some(part) = rest.strip_prefix(name)
    {
        let (part, next) = split_once(part, b';').unwrap_or((part, b""));
        if let [b'=', value @ ..] = part {
            *rest = next;
            return Some(RawValue::new(trim(value)));
        }
    }
    loop {
        let (before, from_name) = rest.split_at_checked(memmem::find(rest, name)?)?;
        let after_name = from_name.get(name.len()..)?;
        let (part, next) = split_once(after_name, b';').unwrap_or((after_name, b""));
        *rest = next;
        if let ([] | [.., b';'], [b'=', value @ ..]) = (trim_end(before), trim_start(part)) {
            return Some(RawValue::new(trim(value)));
        }
    }
}
