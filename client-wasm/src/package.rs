//! What the npm package's JavaScript calls, as functions of Rust's own types; `exports` hands them over.
//!
//! Only numbers come back: JavaScript slices and joins its own strings, so none is copied twice.

// A module of its own: the inspector's memory is its allocator's.
#[cfg(all(target_arch = "wasm32", feature = "dist", not(any(feature = "frontend", feature = "inspector"))))]
#[expect(unreachable_pub, reason = "wasm-bindgen exports `pub` functions alone")]
mod exports;

use twinjar_shared::cookie::limits::MAX_ATTRIBUTE;
use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, NameError, Path, PathError, RawValue, SameSite, ValueError,
};
use twinjar_shared::policy::{self, Candidate, Context, Refusal, RequestUrl};

/// Where the cookies of a `Cookie` header or of `document.cookie` stand in it.
///
/// Four positions a cookie: start and end of its name, start and end of its value. JavaScript puts a letter for each
/// UTF-16 unit that is not ASCII, which no rule of the header tells from it, so that both count alike.
pub(crate) fn parse(header: &str) -> impl Iterator<Item = [usize; 4]> {
    let bounds = |piece: RawValue<'_>| {
        // An empty piece may not be one of the header: a nameless cookie's name.
        let start =
            if piece.is_empty() { 0 } else { piece.as_bytes().as_ptr().addr() - header.as_ptr().addr() };
        [start, start + piece.len()]
    };
    CookieHeader::new(header.as_bytes()).pairs().map(move |pair| {
        let ([a, b], [c, d]) = (bounds(pair.name), bounds(pair.value));
        [a, b, c, d]
    })
}

/// Whether the rules let a script on a page write a cookie.
///
/// `write` holds six lines: the cookie's name, its value (percent-encoded where it has to be), its domain (empty where
/// there is none) and its path, then the page's host and path. One text crosses the border faster than six, and a line
/// feed of the caller's own is a control character, which no cookie may have.
///
/// 0 if the cookie may be written, 1 if so but the page will not see it, else the reason's place in the package's list,
/// counted from 2 (`xtask/src/wasm/formats.rs` writes the list in the order of this file's end).
pub(crate) fn judge(write: &str, flags: u32) -> u8 {
    match verdict(write, Flags(flags)) {
        Ok(is_visible) => u8::from(!is_visible),
        Err(Reason(number)) => number,
    }
}
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
    // A removal may mean a cookie of somebody else's making, as long as the browser does not cut its name.
    let is_cut = matches!(name.as_bytes(), [b' ' | b'\t', ..] | [.., b' ' | b'\t']);
    if is_cut || !flags.has(Flags::REMOVAL) {
        CookieName::new(name)?;
        CookieValue::new(value)?;
    }
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
    /// The lifetime is over: the write removes the cookie.
    const REMOVAL: u32 = 32;

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

/// A reason's place in the list of all reasons, counted from 2.
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

reasons!(2; Refusal NameError ValueError PathError);

#[cfg(test)]
mod tests;
