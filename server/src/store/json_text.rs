//! One JSON value as text, small ones without an allocation.

use std::fmt;

use compact_str::CompactString;
use serde::Serialize;
use serde_json::value::RawValue;
use smallvec::SmallVec;

/// The text of one JSON value, as it is stored.
///
/// ```
/// use twinjar_server::store::JsonText;
///
/// assert_eq!(JsonText::of(&[1, 2])?.as_str(), "[1,2]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(CompactString);

impl JsonText {
    /// Writes a value.
    ///
    /// # Errors
    /// What serde says when the value cannot be written as JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        // On the stack: a buffer on the heap that shrinks to its text would leave a hole behind every value.
        let mut text: SmallVec<[u8; 128]> = SmallVec::new();
        serde_json::to_writer(&mut text, value)?;
        Ok(Self(CompactString::from_utf8(text).expect("serde_json writes UTF-8")))
    }

    /// Text that a serialiser has just written.
    pub(crate) fn from_written(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Box<RawValue>> for JsonText {
    fn from(value: Box<RawValue>) -> Self {
        Self(value.get().into())
    }
}

impl fmt::Debug for JsonText {
    /// The values are the users' own and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_sizes_are_written() {
        for length in [0, 1, 22, 23, 24, 126, 127, 10_000] {
            let value = "ä".repeat(length);
            assert_eq!(JsonText::of(&value).expect("text").as_str(), format!("\"{value}\""));
        }
    }

    #[test]
    fn numbers_are_kept_as_they_were_written() {
        let raw = RawValue::from_string("1.50e3".to_owned()).expect("JSON");
        assert_eq!(JsonText::of(&raw).expect("JSON").as_str(), "1.50e3");
        assert_eq!(JsonText::from(raw).as_str(), "1.50e3");
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", JsonText::of("plum").expect("text")), "JsonText(6 bytes)");
    }
}
