//! Cookies and session entries declared once, with their types, for the server and the browser.
//!
//! ```
//! use twinjar_shared::contract::CookieKey;
//! use twinjar_shared::cookie::{CookieHeader, SameSite};
//!
//! const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);
//! const VISITS: CookieKey<u32> = CookieKey::integer("visits").same_site(SameSite::Strict);
//!
//! let line = THEME.set_cookie(&"très dark".to_owned())?.build()?;
//! assert_eq!(line, "theme=tr%C3%A8s%20dark; Max-Age=31536000; Path=/; Secure; SameSite=Lax");
//!
//! let header = CookieHeader::new(b"theme=tr%C3%A8s%20dark; visits=twice");
//! assert_eq!(THEME.get(header)?.as_deref(), Some("très dark"));
//! assert!(VISITS.get(header).is_err());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! A declaration that cannot work does not compile:
//!
//! ```compile_fail
//! use twinjar_shared::contract::CookieKey;
//!
//! const BAD: CookieKey<String> = CookieKey::string("a=b");
//! # let _ = BAD;
//! ```

mod codec;
mod cookie_key;
#[cfg(feature = "json")]
mod session_key;

#[cfg(feature = "json")]
pub use codec::Json;
pub use codec::{Boolean, Codec, DecodeError, EncodeError, Integer, Text};
pub use cookie_key::CookieKey;
#[cfg(feature = "json")]
pub use session_key::{MAX_KEY_BYTES, SessionKey};
