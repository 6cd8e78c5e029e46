//! What a store keeps of a session.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::object::Entries;
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
        let text = text.into();
        let mut deserializer = serde_json::Deserializer::from_str(&text);
        deserializer.deserialize_map(IsObject).and_then(|()| deserializer.end()).map_err(|_| InvalidData)?;
        Ok(Self(text))
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
        self.walk().filter(|(other, _)| *other == *key).last().map(|(_, json)| json)
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        !self.0.contains('"')
    }

    /// Every key with the JSON text of its value, in order.
    pub fn entries(&self) -> Vec<(String, &str)> {
        self.walk().map(|(key, json)| (key.decode().into_owned(), json)).collect()
    }

    /// Every key with the JSON text of its value, in order.
    pub(super) fn walk(&self) -> Entries<'_> {
        Entries::of(&self.0)
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

/// Checks an object and all that it holds.
struct IsObject;

impl<'de> Visitor<'de> for IsObject {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Keys have to be texts; a value may be all that JSON has.
        while map.next_entry::<String, &RawValue>()?.is_some() {}
        Ok(())
    }
}
