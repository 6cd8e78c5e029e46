//! A companion cookie is read back as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::cookie::CookieValue;
use twinjar_shared::session::Companion;

fuzz_target!(|text: &str| {
    let Ok(companion) = Companion::parse(text) else { return };
    let written = companion.to_text();
    assert!(written.len() <= text.len(), "only leading zeros are dropped");
    assert!(CookieValue::new(&written).is_ok());
    assert_eq!(Companion::parse(&written).as_ref(), Ok(&companion));
});
