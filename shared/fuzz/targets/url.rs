//! Any text is a URL of the web or is refused for a reason, and its host and path are what they should be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::policy::{RequestUrl, default_path, domain_match, path_match};

fuzz_target!(|text: &str| {
    let Ok(url) = RequestUrl::parse(text) else { return };
    assert!(!url.host().is_empty() && url.host().is_ascii());
    assert!(!url.host().bytes().any(|b| b.is_ascii_uppercase() || b <= b' '));
    assert!(domain_match(url.host(), url.host()));
    let path = url.path().as_bytes();
    assert!(path.starts_with(b"/"));
    assert!(path_match(path, path) && path_match(path, default_path(path)));
});
