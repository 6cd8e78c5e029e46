//! What a request changes of a session: key by key, so that parallel requests keep each other's writes.

use std::fmt;

use compact_str::CompactString;
use smallvec::{SmallVec, smallvec};

use super::{JsonText, SessionData};

/// A set of changes to a session's data: values set, keys removed, or everything cleared first.
///
/// ```
/// use twinjar_server::store::{JsonText, Patch, SessionData};
///
/// let mut patch = Patch::default();
/// patch.set("n", JsonText::of(&2)?);
/// patch.remove("old");
/// let before = SessionData::parse(r#"{"n":1,"old":true,"other":"kept"}"#)?;
/// assert_eq!(patch.apply(&before).as_str(), r#"{"n":2,"other":"kept"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Patch {
    clear: bool,
    /// Most requests change one key, of a short name: neither takes an allocation.
    changes: SmallVec<[(CompactString, Option<JsonText>); 1]>,
}

impl Patch {
    /// Sets a key to a JSON value.
    pub fn set(&mut self, key: &str, value: impl Into<JsonText>) {
        self.change(key, Some(value.into()));
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        self.change(key, None);
    }

    /// Removes everything, also what other requests have set by the time of the commit.
    pub fn clear(&mut self) {
        self.clear = true;
        self.changes.clear();
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.clear && self.changes.is_empty()
    }

    /// Whether everything that the patch does not set is removed.
    pub const fn clears(&self) -> bool {
        self.clear
    }

    /// The keys that change, each with its new JSON text; `None` removes it.
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.changes.iter().map(|(key, value)| (key.as_str(), value.as_ref().map(JsonText::as_str)))
    }

    /// The values that are set.
    #[cfg(feature = "express")]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut JsonText> {
        self.changes.iter_mut().filter_map(|(_, value)| value.as_mut())
    }

    /// What the patch says of a key: `None` when nothing, `Some(None)` when it is removed.
    pub fn get(&self, key: &str) -> Option<Option<&str>> {
        let change = self.changes.iter().find(|(changed, _)| *changed == *key);
        match change {
            Some((_, value)) => Some(value.as_ref().map(JsonText::as_str)),
            None if self.clear => Some(None),
            None => None,
        }
    }

    /// The data after the patch. Keys keep their places; new ones follow in the order they were set.
    pub fn apply(&self, data: &SessionData) -> SessionData {
        if self.is_empty() {
            return data.clone();
        }
        let growth =
            self.changes().map(|(key, value)| key.len() + value.map_or(0, str::len) + 4).sum::<usize>();
        let mut text = ObjectText::with_capacity(data.as_str().len() + growth);
        // For each change, whether a key that was there has taken it.
        let mut placed: SmallVec<[bool; 16]> = smallvec![false; self.changes.len()];
        if !self.clear {
            for (key, value) in data.walk() {
                match self.changes.iter().position(|(changed, _)| key == **changed) {
                    None => text.push(&key.decode(), value),
                    Some(index) => {
                        if let (Some(value), false) = (&self.changes[index].1, placed[index]) {
                            text.push(&key.decode(), value.as_str());
                        }
                        placed[index] = true;
                    }
                }
            }
        }
        for ((key, value), _) in self.changes.iter().zip(placed).filter(|(_, placed)| !placed) {
            if let Some(value) = value {
                text.push(key, value.as_str());
            }
        }
        text.finish()
    }

    fn change(&mut self, key: &str, value: Option<JsonText>) {
        match self.changes.iter_mut().find(|(changed, _)| *changed == *key) {
            Some((_, old)) => *old = value,
            None => self.changes.push((key.into(), value)),
        }
    }
}

impl fmt::Debug for Patch {
    /// Counts only: keys and values are the application's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patch").field("clear", &self.clear).field("changes", &self.changes.len()).finish()
    }
}

/// The text of a JSON object under construction: on the stack, where it is as short as most are.
struct ObjectText(SmallVec<[u8; 256]>);

impl ObjectText {
    fn with_capacity(bytes: usize) -> Self {
        let mut text = SmallVec::with_capacity(bytes);
        text.push(b'{');
        Self(text)
    }

    fn push(&mut self, key: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        if key.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.0.push(b'"');
            self.0.extend_from_slice(key.as_bytes());
            self.0.push(b'"');
        } else {
            self.0.extend_from_slice(serde_json::Value::from(key).to_string().as_bytes());
        }
        self.0.push(b':');
        self.0.extend_from_slice(value.as_bytes());
    }

    fn finish(mut self) -> SessionData {
        self.0.push(b'}');
        SessionData::from_checked(std::str::from_utf8(&self.0).expect("made of texts"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn patched(before: &str, change: impl FnOnce(&mut Patch)) -> String {
        let mut patch = Patch::default();
        change(&mut patch);
        let after = patch.apply(&SessionData::parse(before).expect("an object"));
        serde_json::from_str::<serde_json::Value>(after.as_str()).expect("JSON");
        after.as_str().to_owned()
    }

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn changes_keep_places_and_neighbours() {
        for (name, before, expected) in [
            ("into nothing", "{}", r#"{"n":2}"#),
            ("replaced in its place", r#"{"a":1,"n":1,"b":2}"#, r#"{"a":1,"n":2,"b":2}"#),
            ("numbers kept as written", r#"{"x":1.50e3}"#, r#"{"x":1.50e3,"n":2}"#),
            ("duplicate keys become one", r#"{"n":1,"n":3}"#, r#"{"n":2}"#),
            ("an escaped spelling is the same key", r#"{"\u006e":1}"#, r#"{"n":2}"#),
            ("spaces between tokens", "{ \"a\" : [ 1 ] }", r#"{"a":[ 1 ],"n":2}"#),
        ] {
            assert_eq!(patched(before, |patch| patch.set("n", raw("2"))), expected, "{name}");
        }
    }

    #[test]
    fn removal_and_clearing() {
        assert_eq!(patched(r#"{"a":1,"b":2}"#, |patch| patch.remove("a")), r#"{"b":2}"#);
        assert_eq!(patched(r#"{"a":1,"b":2}"#, Patch::clear), "{}");
        let cleared_then_set = |patch: &mut Patch| {
            patch.set("gone", raw("0"));
            patch.clear();
            patch.set("b", raw("3"));
        };
        assert_eq!(patched(r#"{"a":1,"b":2}"#, cleared_then_set), r#"{"b":3}"#);
    }

    #[test]
    fn keys_that_need_escapes() {
        for key in ["\"", "\\", "\n", "__proto__", "ключ", ""] {
            let after = patched("{}", |patch| patch.set(key, raw("1")));
            let data = SessionData::parse(after.as_str()).expect("an object");
            assert_eq!(data.get(key), Some("1"), "{key:?}");
        }
    }

    #[test]
    fn a_patch_answers_for_what_it_holds() {
        let mut patch = Patch::default();
        assert_eq!(patch.get("a"), None);
        patch.set("a", raw("1"));
        patch.remove("b");
        assert_eq!((patch.get("a"), patch.get("b"), patch.get("c")), (Some(Some("1")), Some(None), None));
        patch.clear();
        assert_eq!(patch.get("c"), Some(None));
    }
}
