//! Cookies on the server: what requests carry, what responses set, and the secrets that sign.

mod error;
mod form;
mod headers;
mod jar;
mod lint;
mod secrets;
mod session_cookie;
mod transport;

pub use error::InvalidCookie;
pub(crate) use headers::CookieHeaders;
pub use jar::{CookieError, Cookies};
pub(crate) use lint::Lint;
pub use secrets::{Secrets, SecretsError};
pub(crate) use session_cookie::CookieLines;
pub use session_cookie::{CookieSecurity, SessionCookie};
pub(crate) use transport::{Transport, Trust};
