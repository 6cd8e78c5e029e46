//! Decoding undoes encoding, and gives up rather than guess.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::cookie::{CookieValue, RawValue, percent};

fuzz_target!(|bytes: &[u8]| {
    let raw = RawValue::new(bytes).decode();
    let Ok(text) = str::from_utf8(bytes) else { return };
    let encoded = percent::encode(text);
    assert!(CookieValue::new(&encoded).is_ok());
    assert_eq!(percent::decode(&encoded).as_deref(), Some(text));
    match percent::decode(text) {
        Some(decoded) => {
            assert_eq!(raw, decoded);
            assert!(decoded.len() <= text.len());
            assert_eq!(text.contains('%'), decoded != text);
        }
        None => assert_eq!(raw, text),
    }
});
