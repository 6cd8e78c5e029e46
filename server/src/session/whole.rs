//! The session as one struct.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key::{Unfit, value_error};
use super::{Session, SessionError};
use crate::store::{JsonText, SessionData};

impl Session {
    /// Reads all values as one struct, each key a field. Without a session, it is read from an empty one, so every
    /// field that may be missing has `#[serde(default)]`.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use twinjar_server::{Session, SessionError};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// #[serde(default)]
    /// struct Profile { theme: String, visits: u32 }
    /// # impl Default for Profile { fn default() -> Self { Self { theme: "light".into(), visits: 0 } } }
    ///
    /// async fn visit(session: Session) -> Result<(), SessionError> {
    ///     let mut profile: Profile = session.read_all().await?;
    ///     profile.visits += 1;
    ///     session.write_all(&profile).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Value`] when the values are not those of a `T`; [`SessionError::Store`].
    pub async fn read_all<T: DeserializeOwned>(&self) -> Result<T, SessionError> {
        serde_json::from_str(self.data().await?.as_str()).map_err(|error| whole_error(&error))
    }

    /// Sets the fields of a struct that differ from what the session has, all or none; keys that are no field of it
    /// stay, and so do other keys that parallel requests change.
    ///
    /// # Errors
    /// [`SessionError::Value`] when it is not written as a JSON object; as [`insert`](Self::insert).
    pub async fn write_all<T: Serialize>(&self, whole: &T) -> Result<(), SessionError> {
        let text = serde_json::to_string(whole).map_err(|error| whole_error(&error))?;
        let fields = SessionData::parse(text).map_err(|error| value_error(WHOLE, error))?;
        let before = self.data().await?;
        let entries = fields.entries();
        let changed = entries.iter().filter(|(key, json)| before.get(key) != Some(*json));
        self.change(|patch| changed.for_each(|(key, json)| patch.set(key, JsonText::from_written(json))))
            .await
    }
}

/// Stands for a key where all are meant.
const WHOLE: &str = "*";

fn whole_error(error: &serde_json::Error) -> SessionError {
    value_error(WHOLE, Unfit::from(error))
}
