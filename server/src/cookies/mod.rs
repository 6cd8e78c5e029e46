//! Cookies on the server: what requests carry, and the secrets that sign.

mod headers;
mod secrets;

pub(crate) use headers::CookieHeaders;
pub use secrets::{Secrets, SecretsError};
