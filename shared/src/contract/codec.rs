//! How a typed value becomes text, and back.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::cookie::Decimal;
use crate::reason::reasons;

/// Turns values of type `T` into text and back. The text may hold any character: keys percent-encode it.
///
/// ```
/// use twinjar_shared::contract::{Codec, CookieKey, DecodeError, EncodeError};
///
/// #[derive(Debug, PartialEq)]
/// enum Theme { Dark, Light }
///
/// impl Codec<Theme> for Theme {
///     fn encode(theme: &Theme) -> Result<String, EncodeError> {
///         Ok(match theme { Theme::Dark => "dark", Theme::Light => "light" }.to_owned())
///     }
///     fn decode(text: &str) -> Result<Theme, DecodeError> {
///         match text {
///             "dark" => Ok(Theme::Dark),
///             "light" => Ok(Theme::Light),
///             _ => Err(DecodeError::WrongType),
///         }
///     }
/// }
///
/// const THEME: CookieKey<Theme> = CookieKey::with_codec::<Theme>("theme");
/// assert_eq!(THEME.decode("light".as_bytes())?, Theme::Light);
/// # Ok::<(), DecodeError>(())
/// ```
pub trait Codec<T> {
    /// The text of a value.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unrepresentable`] if the value has no text.
    fn encode(value: &T) -> Result<String, EncodeError>;

    /// The value of a text.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongType`] if the text is of no value.
    fn decode(text: &str) -> Result<T, DecodeError>;
}

reasons! {
    /// Why a value cannot be written.
    pub enum EncodeError {
        /// The codec has no text for this value.
        Unrepresentable = "value_unrepresentable", "twinjar contract",
            "Use a value that the key's codec can write; JSON, for one, has no maps with keys other than texts.",
        /// The text is longer than the key allows.
        TooLarge = "too_large", "RFC 6265bis section 5.6",
            "Shorten the value: it is longer than its key allows.",
    }
}

reasons! {
    /// Why a text is not a value of a key's type.
    pub enum DecodeError {
        /// It is not percent-encoded UTF-8.
        NotText = "value_not_text", "twinjar contract",
            "Write the value through its key: this one is not percent-encoded UTF-8.",
        /// It is text, but of no value of the type.
        WrongType = "value_wrong_type", "twinjar contract",
            "Write the value through its key: this one is not of the key's type.",
    }
}

/// Text as it is.
#[derive(Clone, Copy, Debug)]
pub enum Text {}

impl Codec<String> for Text {
    fn encode(value: &String) -> Result<String, EncodeError> {
        Ok(value.clone())
    }

    fn decode(text: &str) -> Result<String, DecodeError> {
        Ok(text.to_owned())
    }
}

/// `true` and `false`.
#[derive(Clone, Copy, Debug)]
pub enum Boolean {}

impl Codec<bool> for Boolean {
    fn encode(value: &bool) -> Result<String, EncodeError> {
        Ok(if *value { "true" } else { "false" }.to_owned())
    }

    fn decode(text: &str) -> Result<bool, DecodeError> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(DecodeError::WrongType),
        }
    }
}

/// Integers in decimal digits, with `-` before negative ones.
#[derive(Clone, Copy, Debug)]
pub enum Integer {}

macro_rules! integers {
    ($($int:ty)+) => { $(
        impl Codec<$int> for Integer {
            #[allow(unused_comparisons, reason = "unsigned types are never negative")]
            fn encode(value: &$int) -> Result<String, EncodeError> {
                let mut out = String::new();
                if *value < 0 {
                    out.push('-');
                }
                // Every type here fits: none is wider than 64 bits.
                out.push_str(Decimal::new((i128::from(*value)).unsigned_abs() as u64).as_str());
                Ok(out)
            }

            fn decode(text: &str) -> Result<$int, DecodeError> {
                if text.starts_with('+') {
                    return Err(DecodeError::WrongType);
                }
                text.parse().map_err(|_| DecodeError::WrongType)
            }
        }
    )+ };
}

integers!(i8 i16 i32 i64 u8 u16 u32 u64);

/// JSON, for every type that serde knows (feature `json`).
#[cfg(feature = "json")]
#[derive(Clone, Copy, Debug)]
pub enum Json {}

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Codec<T> for Json {
    fn encode(value: &T) -> Result<String, EncodeError> {
        serde_json::to_string(value).map_err(|_| EncodeError::Unrepresentable)
    }

    fn decode(text: &str) -> Result<T, DecodeError> {
        serde_json::from_str(text).map_err(|_| DecodeError::WrongType)
    }
}
