//! What names a session value: a plain string, or a typed key that is declared once.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use twinjar_shared::contract::{EncodeError, SessionKey};

use super::SessionError;
use crate::store::JsonText;

/// Names a session value that is read as `T`: any `&str`, for every `T` that serde reads.
pub trait ReadKey<T> {
    /// The key's name.
    fn name(&self) -> &str;

    /// The largest size of the value, in bytes of JSON text.
    fn size_limit(&self) -> usize {
        usize::MAX
    }

    /// Reads the value's JSON text.
    ///
    /// # Errors
    /// [`SessionError::Value`]: the value has another type.
    fn decode(&self, json: &str) -> Result<T, SessionError>;
}

/// Names a session value that is written as `T`: any `&str`, for every `T` that serde writes.
pub trait WriteKey<T> {
    /// The key's name.
    fn name(&self) -> &str;

    /// Writes the value as JSON text.
    ///
    /// # Errors
    /// [`SessionError::Value`]: the value cannot be written as JSON. [`SessionError::TooLarge`]: it is larger than its
    /// key allows.
    fn encode(&self, value: T) -> Result<JsonText, SessionError>;
}

impl<T: DeserializeOwned> ReadKey<T> for &str {
    fn name(&self) -> &str {
        self
    }

    fn decode(&self, json: &str) -> Result<T, SessionError> {
        serde_json::from_str(json).map_err(|error| value_error(self, Unfit::from(&error)))
    }
}

impl<T: Serialize> WriteKey<T> for &str {
    fn name(&self) -> &str {
        self
    }

    fn encode(&self, value: T) -> Result<JsonText, SessionError> {
        JsonText::of(&value).map_err(|error| value_error(self, Unfit::from(&error)))
    }
}

impl<T: Serialize + DeserializeOwned> ReadKey<T> for SessionKey<T> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn size_limit(&self) -> usize {
        Self::size_limit(self)
    }

    fn decode(&self, json: &str) -> Result<T, SessionError> {
        self.from_json(json).map_err(|error| value_error(Self::name(self), error))
    }
}

impl<T: Serialize + DeserializeOwned> WriteKey<&T> for SessionKey<T> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn encode(&self, value: &T) -> Result<JsonText, SessionError> {
        match self.to_json(value) {
            Ok(json) => Ok(JsonText::from_written(&json)),
            Err(EncodeError::TooLarge) => Err(SessionError::TooLarge { limit: Self::size_limit(self) }),
            Err(error) => Err(value_error(Self::name(self), error)),
        }
    }
}

impl<T: Serialize + DeserializeOwned> WriteKey<T> for SessionKey<T> {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn encode(&self, value: T) -> Result<JsonText, SessionError> {
        WriteKey::<&T>::encode(self, &value)
    }
}

pub(super) fn value_error(key: &str, source: impl std::error::Error + Send + Sync + 'static) -> SessionError {
    SessionError::Value { key: key.into(), source: Box::new(source) }
}

/// What serde says of a value, without the value: it is the user's own, and errors end up in logs.
#[derive(Debug)]
pub(super) struct Unfit {
    category: Category,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for Unfit {
    fn from(error: &serde_json::Error) -> Self {
        Self { category: error.classify(), line: error.line(), column: error.column() }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.category {
            Category::Data => "another type",
            Category::Syntax => "no JSON",
            Category::Eof => "JSON cut short",
            Category::Io => "not writable",
        };
        write!(f, "{what} at line {}, column {}", self.line, self.column)
    }
}

impl std::error::Error for Unfit {}
