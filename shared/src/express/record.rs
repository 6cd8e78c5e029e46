//! A whole record: the members of one JSON object.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::reason::reasons;

/// The member that holds the cookie's settings.
const COOKIE: &str = "cookie";

/// Names that a session object has already, of its own or from `Object.prototype`: express-session passes over such
/// members when it loads a record.
const SHADOWED: [&str; 20] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "destroy",
    "hasOwnProperty",
    "id",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "regenerate",
    "reload",
    "req",
    "resetMaxAge",
    "save",
    "toLocaleString",
    "toString",
    "touch",
    "valueOf",
];

reasons! {
    /// Why a text is no record. express-session fails on it too, or hangs.
    pub enum RecordError {
        /// It is not one JSON object.
        NotAnObject = "record_not_an_object", "RFC 8259 section 4", "Store the text of one JSON object.",
        /// It has no cookie settings.
        NoCookie = "record_without_cookie", "express-session: Store.createSession", "Give the record a member `cookie` that is an object.",
        /// The lifetime is not a number of milliseconds, or leads to no date that JavaScript has.
        BadMaxAge = "record_bad_max_age", "express-session: Cookie.maxAge", "Let `originalMaxAge` be null or a number of milliseconds.",
        /// Another setting has a type or a value that no cookie can be set with.
        BadSetting = "record_bad_setting", "express-session: Cookie.data", "Let the cookie's settings be those that express-session writes.",
    }
}

/// Whether express-session passes over a member of this name when it loads a record.
#[must_use]
pub fn is_shadowed(name: &str) -> bool {
    SHADOWED.binary_search(&name).is_ok()
}

/// A member of a JSON object: its name, and its value as written. `None`: a name with half a surrogate pair, which
/// JavaScript can hold and a `str` cannot.
pub type Member<'a> = (Option<Cow<'a, str>>, &'a str);

/// The members of a record, as they were written.
#[derive(Clone)]
pub struct Record<'a> {
    text: &'a str,
    members: Vec<Member<'a>>,
    cookie: &'a str,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'e> {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// It gets this JSON text for its value.
    Set(&'e str),
}

impl<'a> Record<'a> {
    /// Reads a record. Values are not looked into, however deeply they nest.
    ///
    /// # Errors
    ///
    /// [`RecordError::NotAnObject`], [`RecordError::NoCookie`].
    pub fn parse(text: &'a str) -> Result<Self, RecordError> {
        let members = members(text).ok_or(RecordError::NotAnObject)?;
        // Of several, the last counts, as JSON.parse has it.
        let (_, cookie) =
            members.iter().rfind(|member| is_named(member, COOKIE)).ok_or(RecordError::NoCookie)?;
        if !cookie.starts_with('{') {
            return Err(RecordError::NoCookie);
        }
        Ok(Self { text, cookie, members })
    }

    /// The JSON text of the cookie's settings.
    #[must_use]
    pub const fn cookie(&self) -> &'a str {
        self.cookie
    }

    /// Whether there is a member of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| is_named(member, name))
    }

    /// Whether [`data`](Self::data) leaves out members whose names no `str` can hold.
    #[must_use]
    pub fn has_unnameable(&self) -> bool {
        self.members.iter().any(|(key, _)| key.is_none())
    }

    /// The application's values, as the text of a JSON object: all members that express-session shows and a `str` can
    /// name.
    #[must_use]
    pub fn data(&self) -> String {
        let is_data = |key: &str| key != COOKIE && !is_shadowed(key);
        self.edit(|key| if key.is_some_and(is_data) { Edit::Keep } else { Edit::Remove }, &[])
    }

    /// The record with other values for some members, and with further ones at its end. Everything else stays as it
    /// was found, to the byte; of several members with one name, the last is the one that counts and changes. `edit` is
    /// asked by name; `None` is a name that no `str` can hold.
    pub fn edit<'e>(&self, edit: impl Fn(Option<&str>) -> Edit<'e>, added: &[(&str, &str)]) -> String {
        edit_members(self.text, &self.members, edit, added)
    }
}

impl fmt::Debug for Record<'_> {
    /// The values are the users' own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} members)", self.members.len())
    }
}

/// The members of a JSON object in order. `None`: the text is no object.
#[must_use]
pub fn members(object: &str) -> Option<Vec<Member<'_>>> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
                members.push((name(key.get()), value.get()));
            }
            Ok(members)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(object);
    let members = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok()?;
    Some(members)
}

/// The name that is written so, copied only where it has escapes.
fn name(written: &str) -> Option<Cow<'_, str>> {
    match written.strip_prefix('"')?.strip_suffix('"')? {
        plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(written).ok().map(Cow::Owned),
    }
}

/// Whether a member has this name.
pub(super) fn is_named((key, _): &Member<'_>, name: &str) -> bool {
    key.as_deref() == Some(name)
}

/// One pass over the text. Members and what stands between them are copied as pieces.
pub(super) fn edit_members<'e>(
    text: &str,
    members: &[Member<'_>],
    edit: impl Fn(Option<&str>) -> Edit<'e>,
    added: &[(&str, &str)],
) -> String {
    let growth: usize = added.iter().map(|(key, value)| key.len() + value.len() + 4).sum();
    let mut out = String::with_capacity(text.len() + growth);
    let start = text.find('{').map_or(0, |brace| brace + 1);
    out.push_str(&text[..start]);
    let (mut end_of_last, mut is_first) = (start, true);
    for (index, (key, value)) in members.iter().enumerate() {
        let value_start = offset(text, value);
        let before = &text[end_of_last..value_start];
        end_of_last = value_start + value.len();
        let counts = || !members[index + 1..].iter().any(|(later, _)| later == key);
        let value = match edit(key.as_deref()) {
            Edit::Remove => continue,
            Edit::Set(new) if counts() => new,
            Edit::Set(_) | Edit::Keep => value,
        };
        // Where all members before have gone, so does the comma.
        let before = if is_first { before.trim_start().trim_start_matches(',') } else { before };
        out.push_str(if is_first && index == 0 { &text[start..value_start] } else { before });
        out.push_str(value);
        is_first = false;
    }
    for (key, value) in added {
        if !is_first {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(*key).to_string());
        out.push(':');
        out.push_str(value);
        is_first = false;
    }
    out.push_str(&text[end_of_last..]);
    out
}

/// Where `part`, which is a piece of `text`, begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    #[test]
    fn members_change_in_their_places() {
        let rows = [
            ("nothing", r#"{ "a" : 1 , "cookie":{} }"#, r#"{ "a" : 1 , "cookie":{} }"#),
            ("set", r#"{"n":1.50,"cookie":{"x":1e3}}"#, r#"{"n":2,"cookie":{"x":1e3}}"#),
            ("set, spelt otherwise", r#"{"cookie":{},"\u006e":1}"#, r#"{"cookie":{},"\u006e":2}"#),
            ("the last counts", r#"{"n":1,"n":2,"cookie":{}}"#, r#"{"n":1,"n":2,"cookie":{}}"#),
            ("first removed", r#"{ "r":1, "cookie":{}}"#, r#"{ "cookie":{}}"#),
            ("removed between", r#"{"cookie":{},"r":1,"b":2}"#, r#"{"cookie":{},"b":2}"#),
            ("last removed", r#"{"cookie":{},"r":1 }"#, r#"{"cookie":{} }"#),
            ("two removed in front", r#"{"r":1,"r":2,"cookie":{}}"#, r#"{"cookie":{}}"#),
            ("no text", r#"{"\ud800":1,"cookie":{},"r":2,"n":3}"#, r#"{"\ud800":1,"cookie":{},"n":2}"#),
        ];
        for (row, before, expected) in rows {
            let record = Record::parse(before).expect(row);
            let edit = |key: Option<&str>| match key {
                Some("n") => Edit::Set("2"),
                Some("r") => Edit::Remove,
                _ => Edit::Keep,
            };
            assert_eq!(record.edit(edit, &[]), expected, "{row}");
        }
    }

    #[test]
    fn members_are_added_at_the_end() {
        let record = Record::parse(r#"{"cookie":{} }"#).expect("a record");
        assert_eq!(
            record.edit(|_| Edit::Keep, &[("\"", "1"), ("b", "[]")]),
            r#"{"cookie":{},"\"":1,"b":[] }"#
        );
        assert_eq!(record.edit(|_| Edit::Remove, &[("b", "1")]), r#"{"b":1 }"#);
    }

    #[test]
    fn data_is_what_express_shows() {
        for (record, data) in [
            (r#"{"cookie":{},"u":1}"#, r#"{"u":1}"#),
            (r#"{"u":1,"cookie":{},"v":{"cookie":2,"id":3}}"#, r#"{"u":1,"v":{"cookie":2,"id":3}}"#),
            (r#"{"cookie":{}}"#, "{}"),
            (
                r#"{"\ud800":1,"u\ud83d\ude00":"\ud800","cookie":{"\udc00":2}}"#,
                r#"{"u\ud83d\ude00":"\ud800"}"#,
            ),
            (r#"{"id":1,"cookie":{},"save":2,"__proto__":3,"x":4}"#, r#"{"x":4}"#),
        ] {
            assert_eq!(Record::parse(record).expect("a record").data(), data);
        }
        assert!(SHADOWED.is_sorted());
    }

    #[test]
    fn what_is_no_record() {
        for (text, error) in [
            ("", RecordError::NotAnObject),
            ("[]", RecordError::NotAnObject),
            ("{\"cookie\":{}", RecordError::NotAnObject),
            ("{\"cookie\":{}} x", RecordError::NotAnObject),
            ("{\"cookie\":{},\"\\ud80\":1}", RecordError::NotAnObject),
            ("{\"cookie\":{},\"\n\":1}", RecordError::NotAnObject),
            ("{\"cookie\":{},5:1}", RecordError::NotAnObject),
            ("{}", RecordError::NoCookie),
            ("{\"cookie\":null}", RecordError::NoCookie),
            ("{\"cookie\":{},\"cookie\":\"x\"}", RecordError::NoCookie),
        ] {
            assert_eq!(Record::parse(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn depth_is_no_matter() {
        let deep = ["[".repeat(20_000), "]".repeat(20_000)].concat();
        let text = ["{\"cookie\":{},\"deep\":", &deep, "}"].concat();
        let record = Record::parse(&text).expect("a record");
        assert_eq!(record.data(), ["{\"deep\":", &deep, "}"].concat());
    }

    proptest::proptest! {
        /// Whatever a record holds, an edit changes what it names and nothing else.
        #[test]
        fn edits_agree_with_those_of_an_object(
            before in proptest::collection::btree_map("[a-d\\PC\"]{0,3}", -9_i64..9, 0..6),
            changes in proptest::collection::btree_map("[a-d]{1}", proptest::option::of(-9_i64..9), 0..4),
        ) {
            let mut object: serde_json::Map<_, _> =
                before.iter().map(|(key, value)| (key.clone(), serde_json::Value::from(*value))).collect();
            object.insert(COOKIE.to_owned(), serde_json::json!({}));
            let text = serde_json::Value::Object(object.clone()).to_string();
            let record = Record::parse(&text).expect("a record");
            let values: alloc::collections::BTreeMap<_, _> =
                changes.iter().map(|(key, value)| (key.clone(), value.map(|value| value.to_string()))).collect();
            let edit = |key: Option<&str>| match key.and_then(|key| values.get(key)) {
                None => Edit::Keep,
                Some(None) => Edit::Remove,
                Some(Some(json)) => Edit::Set(json),
            };
            let added = values.iter().filter(|(key, _)| !record.has(key));
            let added: Vec<(&str, &str)> =
                added.filter_map(|(key, value)| Some((&**key, value.as_deref()?))).collect();
            for (key, value) in &changes {
                match value {
                    None => drop(object.remove(key)),
                    Some(value) => drop(object.insert(key.clone(), (*value).into())),
                }
            }
            let after: serde_json::Value = serde_json::from_str(&record.edit(edit, &added)).expect("JSON");
            proptest::prop_assert_eq!(after, serde_json::Value::Object(object));
        }

        /// No text whatever is a reason to panic.
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}", inner in "[\\[\\]{}\",:a0 \\\\]{0,30}") {
            let _ = Record::parse(&text).map(|record| record.data());
            let text = alloc::format!("{{\"cookie\":{{{inner}}},\"a\":{inner}}}");
            let _ = Record::parse(&text).map(|record| record.data());
            let _ = super::super::CookieSettings::parse(&text);
        }
    }
}
