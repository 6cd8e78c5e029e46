//! A patch of a session's data is applied wholly or not at all, and what comes out can be stored.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use twinjar_shared::session::SessionPatch;

fuzz_target!(|body: &[u8]| {
    let kind = if body.starts_with(b"[") { SessionPatch::JSON } else { SessionPatch::MERGE };
    let Ok(patch) = SessionPatch::parse(kind, body) else { return };
    let before = data();
    let mut after = before.clone();
    match patch.apply(&mut after, 1000) {
        Ok(()) => {
            let text = serde_json::to_string(&after).expect("data can be written");
            let read = serde_json::from_str::<Map<String, Value>>(&text).expect("data can be read again");
            assert_eq!(read, after);
        }
        Err(_) => assert_eq!(after, before),
    }
    let changed = before.keys().chain(after.keys()).filter(|&key| before.get(key) != after.get(key));
    let accesses = patch.accesses();
    for key in changed {
        assert!(accesses.iter().any(|(accessed, _)| accessed == key), "{key} changed without being named");
    }
});

fn data() -> Map<String, Value> {
    match json!({ "cart": { "items": [1, 2, 3], "n": 3 }, "theme": "dark", "seen": null }) {
        Value::Object(data) => data,
        _ => unreachable!(),
    }
}
