//! Any bytes are a `Cookie` header, and its parts are parts of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::cookie::CookieHeader;

fuzz_target!(|bytes: &[u8]| {
    let header = CookieHeader::new(bytes);
    let mut total = 0;
    for pair in header.pairs() {
        assert!(!pair.name.as_bytes().contains(&b'='));
        for part in [pair.name, pair.value] {
            let octets = part.as_bytes();
            assert!(!octets.contains(&b';'));
            assert!(!matches!(octets, [b' ' | b'\t', ..] | [.., b' ' | b'\t']));
            assert!(part.unquoted().len() <= part.len());
            let _ = part.decode();
            total += part.len();
        }
        if let Some(name) = pair.name.as_str() {
            let first = header.pairs().find(|other| other.name == pair.name).map(|first| first.value);
            assert_eq!(header.get(name), first);
        }
    }
    assert!(total <= bytes.len());
});
