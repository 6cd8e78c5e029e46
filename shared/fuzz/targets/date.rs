//! Any bytes are a date within the range or none, and a date that can be written is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::cookie::date;

fuzz_target!(|bytes: &[u8]| {
    if let Some(seconds) = date::parse(bytes) {
        assert!((date::EARLIEST..=date::LATEST).contains(&seconds));
        let text = date::format(seconds).expect("four-digit years can be written");
        assert_eq!(date::parse(text.as_str().as_bytes()), Some(seconds));
    }
    if let Some(&number) = bytes.first_chunk() {
        let seconds = i64::from_le_bytes(number);
        match date::format(seconds) {
            Some(text) if seconds >= date::EARLIEST => {
                assert_eq!(date::parse(text.as_str().as_bytes()), Some(seconds));
            }
            Some(text) => assert_eq!(text.as_str().len(), 29),
            None => assert!(!(date::EARLIEST..=date::LATEST).contains(&seconds)),
        }
    }
});
