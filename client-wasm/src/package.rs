//! What the npm package's JavaScript calls. Names are short because the glue repeats them; `js/lib/engine.js` gives
//! each its long one. Only numbers come back: JavaScript slices and joins its own strings, so none is copied twice.

use alloc::boxed::Box;

use twinjar_shared::cookie::limits::MAX_ATTRIBUTE;
use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, NameError, Path, PathError, RawValue, SameSite, ValueError,
};
use twinjar_shared::policy::{self, Candidate, Context, Refusal, RequestUrl};
use wasm_bindgen::prelude::wasm_bindgen;

/// Where the cookies of a `Cookie` header or of `document.cookie` stand in it.
///
/// Four positions a cookie: start and end of its name, start and end of its value, in UTF-16 units as JavaScript
/// counts them.
#[wasm_bindgen(js_name = p)]
#[must_use]
pub fn parse(header: &str) -> Box<[u32]> {
    let pairs = || CookieHeader::new(header.as_bytes()).pairs();
    let mut positions = alloc::vec![0; 4 * pairs().count()].into_boxed_slice();
    let mut place = Place { header, bytes: 0, units: 0 };
    let pieces = pairs().flat_map(|pair| [pair.name, pair.value]);
    for (bounds, piece) in positions.as_chunks_mut::<2>().0.iter_mut().zip(pieces) {
        let start = place.start_of(piece);
        *bounds = [place.advance(start), place.advance(start + piece.len())];
    }
    positions
}

/// A position in a text, counted in bytes and in UTF-16 units, that only goes forward.
struct Place<'a> {
    header: &'a str,
    bytes: usize,
    units: u32,
}

impl Place<'_> {
    /// Where a piece of the header begins. An empty piece may not be one (a nameless cookie's name): it is put here.
    fn start_of(&self, piece: RawValue<'_>) -> usize {
        if piece.is_empty() {
            return self.bytes;
        }
        piece.as_bytes().as_ptr() as usize - self.header.as_ptr() as usize
    }

    fn advance(&mut self, to: usize) -> u32 {
        for &byte in self.header.as_bytes().get(self.bytes..to).unwrap_or_default() {
            // A continuation byte adds none; a four-byte sequence is a surrogate pair.
            self.units += u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0);
        }
        self.bytes = to;
        self.units
    }
}

/// Whether the rules let a script on a page write a cookie.
///
/// `write` holds six lines: the cookie's name, its value (percent-encoded where it has to be), its domain (empty where
/// there is none) and its path, then the page's host and path. One text crosses the border faster than six, and a line
/// feed of the caller's own is a control character, which no cookie may have.
///
/// 0 if the cookie may be written, [`ELSEWHERE`] if so but the page will not see it, else the reason's place in the
/// package's list, counted from 1 (`xtask/src/wasm/formats.rs` writes the list in the order of this file's end).
#[wasm_bindgen(js_name = j)]
#[must_use]
pub fn judge(write: &str, flags: u32) -> u8 {
    match verdict(write, Flags(flags)) {
        Ok(true) => 0,
        Ok(false) => ELSEWHERE,
        Err(Reason(number)) => number,
    }
}

/// More than there are reasons.
const ELSEWHERE: u8 = 255;

/// Whether the page will see the cookie.
fn verdict(write: &str, flags: Flags) -> Result<bool, Reason> {
    let mut lines = [""; 6];
    let mut rest = Some(write);
    for line in &mut lines {
        *line = next_line(&mut rest).ok_or(Refusal::ControlCharacter)?;
    }
    let ([name, value, domain, path, host, page], None) = (lines, rest) else {
        return Err(Refusal::ControlCharacter.into());
    };
    let candidate = Candidate::new(name, value)
        .domain(domain)
        .path(path)
        .secure(flags.has(Flags::SECURE))
        .same_site(flags.same_site())
        .partitioned(flags.has(Flags::PARTITIONED));
    let url = RequestUrl::from_canonical_parts(flags.has(Flags::HTTPS), host, page);
    policy::check(&candidate, &Context::script(&url))?;

    // A browser's rule gives the more exact reason, so the grammar comes second. The domain is the host or its end.
    CookieName::new(name)?;
    CookieValue::new(value)?;
    Path::new(path)?;
    if domain.len().max(path.len()) > MAX_ATTRIBUTE {
        return Err(Reason::ATTRIBUTE_TOO_LONG);
    }
    Ok(policy::path_match(page.as_bytes(), path.as_bytes()))
}

fn next_line<'a>(rest: &mut Option<&'a str>) -> Option<&'a str> {
    let text = (*rest)?;
    let end = text.bytes().position(|byte| byte == b'\n').unwrap_or(text.len());
    let (line, tail) = text.split_at_checked(end)?;
    *rest = tail.get(1..);
    Some(line)
}

/// What is said in bits; `js/lib/write.js` sets them.
#[derive(Clone, Copy)]
struct Flags(u32);

impl Flags {
    const SECURE: u32 = 1;
    const PARTITIONED: u32 = 2;
    /// Bits 4 and 8: 1 Strict, 2 Lax, 3 None.
    const SAME_SITE_SHIFT: u32 = 2;
    /// The page came over https.
    const HTTPS: u32 = 16;

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    fn same_site(self) -> SameSite {
        match self.0 >> Self::SAME_SITE_SHIFT & 3 {
            1 => SameSite::Strict,
            3 => SameSite::None,
            _ => SameSite::Lax,
        }
    }
}

/// A reason's place in the list of all reasons, counted from 1.
struct Reason(u8);

/// Puts the lists one after the other, and at the end the note that is a reason here: it would change the cookie.
macro_rules! reasons {
    ($start:expr;) => {
        impl Reason {
            const ATTRIBUTE_TOO_LONG: Self = Self($start);
        }
    };
    ($start:expr; $list:ident $($rest:ident)*) => {
        impl From<$list> for Reason {
            fn from(reason: $list) -> Self {
                Self($start + reason as u8)
            }
        }
        reasons!($start + $list::ALL.len() as u8; $($rest)*);
    };
}

reasons!(1; Refusal NameError ValueError PathError);

#[cfg(test)]
mod tests;
