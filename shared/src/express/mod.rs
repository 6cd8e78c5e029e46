//! The record that express-session keeps of a session (feature `express`).
//!
//! A record is a JSON object: its member `cookie` holds the settings of the session's cookie, all others are the
//! application's. What is not changed stays as it was found, to the byte: unknown settings, the order of keys, the
//! way numbers are written.
//!
//! ```
//! use twinjar_shared::express::{CookieSettings, Record};
//!
//! let stored = r#"{"cookie":{"originalMaxAge":60000,"expires":"2026-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"n":1}"#;
//! let record = Record::parse(stored)?;
//! assert_eq!(record.data(), r#"{"n":1}"#);
//!
//! let settings = CookieSettings::parse(record.cookie())?;
//! assert_eq!(settings.expires_at(1_767_225_600_000)?, Some(1_767_225_660_000));
//! assert!(settings.http_only);
//! # Ok::<(), twinjar_shared::express::RecordError>(())
//! ```

mod cookie;
mod record;
mod stringify;
mod time;

pub use cookie::{CookieSettings, SameSiteSetting};
pub use record::{Edit, Member, Record, RecordError, is_shadowed, members};
pub use stringify::stringified;
pub use time::iso_date;
