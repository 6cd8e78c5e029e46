//! The module's exports. Names are short because JavaScript repeats them; `js/lib/engine.js` gives each its long one.
//!
//! Text is handed over in the memory behind the static data, which nothing else uses: no function of this module
//! allocates. JavaScript asks for room, writes UTF-8 there, and calls. That takes a third of the code that passing
//! strings and arrays through wasm-bindgen takes, on either side.

use core::slice::{from_raw_parts, from_raw_parts_mut};
use core::str::from_utf8_unchecked;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::freestanding;

/// Makes room for so many bytes of text, and says where it is.
#[wasm_bindgen(js_name = r)]
#[must_use]
pub fn room(bytes: usize) -> usize {
    freestanding::reserve(bytes)
}

/// [`super::parse`]: writes the positions behind the text, at the next address that four divides, and gives their count.
#[wasm_bindgen(js_name = p)]
#[must_use]
pub fn parse(bytes: usize) -> usize {
    let start = bytes.next_multiple_of(4);
    // A cookie has at least one byte, and a semicolon before the next one.
    let most = bytes / 2 + 1;
    let address = freestanding::reserve(start + 16 * most) + start;
    // SAFETY: the room was just reserved, is aligned because its beginning is, and begins behind the text.
    #[allow(unsafe_code)]
    let places = unsafe { from_raw_parts_mut(address as *mut [usize; 4], most) };
    let mut count = 0;
    for (place, position) in places.iter_mut().zip(super::parse(text(bytes))) {
        *place = position;
        count += 4;
    }
    count
}

/// [`super::judge`].
#[wasm_bindgen(js_name = j)]
#[must_use]
pub fn judge(bytes: usize, flags: u32) -> u8 {
    super::judge(text(bytes), flags)
}

/// The text that JavaScript has just written.
fn text<'a>(bytes: usize) -> &'a str {
    // SAFETY: `TextEncoder` has written so many bytes of UTF-8 into room that was reserved for them. It is dropped
    // before JavaScript writes again: the module has one thread.
    #[allow(unsafe_code)]
    unsafe {
        from_utf8_unchecked(from_raw_parts(freestanding::reserve(bytes) as *const u8, bytes))
    }
}
