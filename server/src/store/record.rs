//! What a store keeps of a session.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{Handle, UnixMillis};

/// Counts the commits to a record, from 1.
pub type Revision = u64;

/// A session, as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The application's values.
    pub data: SessionData,
    /// How often the data has been committed.
    pub revision: Revision,
    /// When the record ends.
    pub deadline: UnixMillis,
    /// When the session was last used, to within the touch interval.
    pub seen_at: UnixMillis,
    /// Everything else.
    pub meta: Meta,
}

/// What a session is besides its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The public name.
    pub handle: Handle,
    /// When the session began.
    pub created_at: UnixMillis,
    /// The moment that no activity postpones.
    pub absolute_deadline: UnixMillis,
    /// How long the session lives without being used; stores keep whole milliseconds.
    pub idle_timeout: Duration,
    /// Whether the cookie outlives the browser ("remember me").
    pub persistent: bool,
    /// Whose session it is, once somebody has logged in.
    pub identity: Option<Arc<Identity>>,
}

/// Who has logged in, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The application's name for the user.
    pub user: UserId,
    /// When the user last proved who they are.
    pub authenticated_at: UnixMillis,
}

/// The application's name for a user: a database key, never shown to other users.
///
/// ```
/// use twinjar_server::store::UserId;
///
/// assert_eq!(UserId::new("alice").as_str(), "alice");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// Takes the application's name for a user.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    /// Names of users are personal data and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(…)")
    }
}

/// A session's values: the text of one JSON object, kept as it is stored.
///
/// ```
/// use twinjar_server::store::SessionData;
///
/// let data = SessionData::parse(r#"{"n":1,"cart":{"items":[]}}"#)?;
/// assert_eq!(data.get("n"), Some("1"));
/// assert_eq!(data.get("missing"), None);
/// # Ok::<(), twinjar_server::store::InvalidData>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SessionData(Arc<str>);

impl SessionData {
    /// Accepts the text of a JSON object.
    ///
    /// # Errors
    /// The text is not JSON, or not an object.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, InvalidData> {
        let data = Self(text.into());
        data.walk(|_, _| {}).map_err(|_| InvalidData)?;
        Ok(data)
    }

    /// Text that this crate has built from checked parts.
    pub(super) fn from_checked(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text of one value; of duplicate keys the last, as `JSON.parse` has it.
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut deserializer = serde_json::Deserializer::from_str(&self.0);
        deserializer.deserialize_map(Find(key)).ok().flatten().map(RawValue::get)
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        !self.0.contains('"')
    }

    /// Every key with the JSON text of its value, in order.
    pub fn entries(&self) -> Vec<(String, &str)> {
        let mut entries = Vec::new();
        self.walk(|key, json| entries.push((key.to_owned(), json))).expect("checked when it was made");
        entries
    }

    /// Every key, unescaped, with the JSON text of its value, in order.
    pub(super) fn walk<'a>(&'a self, visit: impl FnMut(&str, &'a str)) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(&self.0);
        deserializer.deserialize_map(Walk(visit))?;
        deserializer.end()
    }
}

impl Default for SessionData {
    fn default() -> Self {
        static EMPTY: LazyLock<SessionData> = LazyLock::new(|| SessionData::from_checked("{}"));
        EMPTY.clone()
    }
}

impl fmt::Debug for SessionData {
    /// The values are the users' own and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionData({} bytes)", self.0.len())
    }
}

/// The text is not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidData;

impl fmt::Display for InvalidData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("session data is the text of one JSON object")
    }
}

impl std::error::Error for InvalidData {}

struct Find<'k>(&'k str);

impl<'de> Visitor<'de> for Find<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(matches) = map.next_key_seed(KeyIs(self.0))? {
            if matches {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares a key without copying it, escaped or not.
struct KeyIs<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for KeyIs<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIs<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

struct Walk<F>(F);

impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Walk<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let value: &'de RawValue = map.next_value()?;
            (self.0)(&key, value.get());
        }
        Ok(())
    }
}
