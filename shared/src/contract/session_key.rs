//! A session entry's declaration.

use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::codec::{DecodeError, EncodeError};
use crate::cookie::class::{UNESCAPED, all};

/// The name, type and size limit of an entry of the session's data, declared once as a `const`.
///
/// The name stands in the session API's URLs as it is: letters, digits and `-_.!~*'()`, 128 octets at most.
/// `cookie` and `__proto__` are taken, by Express' records and by JavaScript.
///
/// # Panics
///
/// The `const` functions panic, and so fail the build of a `const` item, on another name.
///
/// ```
/// use twinjar_shared::contract::SessionKey;
///
/// const CART: SessionKey<Vec<u64>> = SessionKey::new("cart").max_bytes(16 * 1024);
///
/// assert_eq!(CART.to_json(&vec![7, 9])?, "[7,9]");
/// assert_eq!(CART.from_json("[7,9]")?, [7, 9]);
/// assert!(CART.from_json("\"7\"").is_err());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct SessionKey<T> {
    name: &'static str,
    max_bytes: usize,
    value: PhantomData<fn(T) -> T>,
}

/// The most octets that the name of an entry of the session's data has, unless a server is told otherwise.
pub const MAX_KEY_BYTES: usize = 128;

impl<T> SessionKey<T> {
    /// An entry with this name, of at most 64 KiB of JSON.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty() && all(name.as_bytes(), UNESCAPED), "use letters, digits and -_.!~*'()");
        assert!(name.len() <= MAX_KEY_BYTES, "use at most 128 octets");
        assert!(!matches!(name.as_bytes(), b"cookie" | b"__proto__"), "this name is taken");
        Self { name, max_bytes: 64 * 1024, value: PhantomData }
    }

    /// The most octets that the value may have as JSON text.
    #[must_use]
    pub const fn max_bytes(mut self, octets: usize) -> Self {
        self.max_bytes = octets;
        self
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The limit that [`SessionKey::max_bytes`] has set, in octets of JSON text.
    #[must_use]
    pub const fn size_limit(&self) -> usize {
        self.max_bytes
    }
}

impl<T: Serialize + DeserializeOwned> SessionKey<T> {
    /// The value as JSON text.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if JSON has no text for it, or one that is too long.
    pub fn to_json(&self, value: &T) -> Result<String, EncodeError> {
        let json = serde_json::to_string(value).map_err(|_| EncodeError::Unrepresentable)?;
        if json.len() > self.max_bytes { Err(EncodeError::TooLarge) } else { Ok(json) }
    }

    /// The value that JSON text stands for.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongType`].
    pub fn from_json(&self, json: &str) -> Result<T, DecodeError> {
        serde_json::from_str(json).map_err(|_| DecodeError::WrongType)
    }

    /// The value as a JSON value.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if JSON has no text for it, or one that is too long.
    pub fn to_value(&self, value: &T) -> Result<Value, EncodeError> {
        let json = self.to_json(value)?;
        serde_json::from_str(&json).map_err(|_| EncodeError::Unrepresentable)
    }

    /// The value that a JSON value stands for.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongType`].
    pub fn from_value(&self, value: &Value) -> Result<T, DecodeError> {
        T::deserialize(value).map_err(|_| DecodeError::WrongType)
    }
}

impl<T> Clone for SessionKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SessionKey<T> {}

impl<T> fmt::Debug for SessionKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").field("name", &self.name).field("max_bytes", &self.max_bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_that_of_the_text() {
        const NOTE: SessionKey<String> = SessionKey::new("note").max_bytes(6);
        assert_eq!(NOTE.to_value(&"abcd".into()), Ok("abcd".into()));
        assert_eq!(NOTE.to_value(&"abcde".into()), Err(EncodeError::TooLarge));
        assert_eq!(NOTE.to_json(&"ab\n\n".into()), Err(EncodeError::TooLarge));
    }

    #[test]
    fn other_types_are_refused() {
        const N: SessionKey<u8> = SessionKey::new("n");
        assert_eq!(N.from_value(&7.into()), Ok(7));
        for value in [Value::Null, 256.into(), (-1).into(), "7".into()] {
            assert_eq!(N.from_value(&value), Err(DecodeError::WrongType), "{value}");
        }
    }

    #[test]
    fn numbers_do_not_drift() {
        const X: SessionKey<f64> = SessionKey::new("x");
        for number in [0.1 + 0.2, 5e-324, f64::MAX, 7.777_777_777_777_777e143] {
            let text = X.to_json(&number).expect("finite");
            assert_eq!(X.from_json(&text), Ok(number));
        }
        let long = "777777777777777777777777777777777777777777777777777777777777.5";
        let read = X.from_json(long).expect("a number");
        assert_eq!(Some(read), long.parse().ok());
    }

    #[test]
    #[should_panic(expected = "at most 128 octets")]
    fn long_names_are_refused() {
        const LONG: &str = match core::str::from_utf8(&[b'k'; MAX_KEY_BYTES + 1]) {
            Ok(name) => name,
            Err(_) => unreachable!(),
        };
        let _ = SessionKey::<u8>::new(LONG);
    }

    #[test]
    #[should_panic(expected = "this name is taken")]
    fn express_keeps_its_cookie() {
        let _ = SessionKey::<u8>::new("cookie");
    }
}
