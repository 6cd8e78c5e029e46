//! Express-compatible signed values, and the key ring behind them (feature `signed`).
//!
//! A signed value is `value.mac`, where `mac` is the HMAC-SHA256 of the value under a secret, in base64 without padding:
//! what the npm package cookie-signature writes. In a cookie it stands behind the mark `s:`, percent-encoded.
//! A signature covers the value alone, neither the cookie's name nor its expiry.
//!
//! ```
//! use twinjar_shared::signature::{KeyRing, SigningKey};
//!
//! let old = KeyRing::new(SigningKey::new("tobiiscool")?, []);
//! let signed = old.sign("hello");
//! assert_eq!(signed, "hello.DGDUkGlIkCzPz+C0B064FNgHdEjox7ch8tOBGslZ5QI");
//!
//! // Rotation: a new key signs, the old one still verifies.
//! let ring = KeyRing::new(SigningKey::new("keyboard cat")?, [SigningKey::new("tobiiscool")?]);
//! let verified = ring.verify(&signed).unwrap();
//! assert_eq!((verified.value, verified.key_index), ("hello", 1));
//! assert_eq!(ring.verify("hello.forged"), None);
//! # Ok::<(), twinjar_shared::signature::SecretError>(())
//! ```

mod key;
mod ring;

pub use key::{MAC_LENGTH, SecretError, SigningKey};
pub use ring::{KeyRing, Verified};
