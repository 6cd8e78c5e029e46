//! Cookies on the server: what requests carry, what responses set, and the secrets that sign.

mod error;
mod headers;
mod secrets;
mod session_cookie;
mod transport;

pub use error::InvalidCookie;
pub(crate) use headers::CookieHeaders;
pub use secrets::{Secrets, SecretsError};
pub(crate) use session_cookie::CookieLines;
pub use session_cookie::{CookieSecurity, SessionCookie};
pub(crate) use transport::{Transport, Trust};
