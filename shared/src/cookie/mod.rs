//! One cookie grammar: the `Cookie` and `Set-Cookie` header fields and their parts.
//!
//! | to | use |
//! |---|---|
//! | read a `Cookie` header | [`CookieHeader`] |
//! | build a `Set-Cookie` value as a server or a script | [`SetCookie`] |
//! | read a `Set-Cookie` value as a user agent does | [`ReceivedCookie`] |
//! | put any text into a cookie value | [`CookieValue::encode`], [`percent`] |
//! | read and write dates | [`date`] |
//!
//! Parsers accept every byte string and run in time linear in its length. "RFC 6265bis" is
//! draft-ietf-httpbis-rfc6265bis, the successor of RFC 6265; section numbers are its.

pub mod date;
pub mod limits;
pub mod percent;

mod attribute;
pub(crate) mod class;
mod decimal;
mod header;
mod name;
mod prefix;
mod raw;
mod received;
mod search;
mod set_cookie;
mod value;

pub use attribute::{Domain, DomainError, Path, PathError, Priority, SameSite};
pub use header::{CookieHeader, Pair, Pairs};
pub use name::{CookieName, NameError};
pub use prefix::Prefix;
pub use raw::RawValue;
pub use received::{Attributes, IgnoreReason, ReceivedCookie};
pub use search::Values;
pub use set_cookie::{BuildError, SetCookie};
pub use value::{CookieValue, ValueError};

pub(crate) use decimal::Decimal;
pub(crate) use set_cookie::CookieAttributes;
