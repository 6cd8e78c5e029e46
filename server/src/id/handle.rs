//! The public name of a session.

use std::fmt;

use super::random_base64url;

/// Names a session to people and to the session API: 16 random base64url characters that have nothing to do
/// with the secret id, and stay the same when the id rotates.
///
/// ```
/// use twinjar_server::Handle;
///
/// let handle: Handle = "mZ0c3q-Yx_4TkA71".parse()?;
/// assert_eq!(handle.as_str(), "mZ0c3q-Yx_4TkA71");
/// assert!("not a handle".parse::<Handle>().is_err());
/// # Ok::<(), twinjar_server::InvalidHandle>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle([u8; 16]);

impl Handle {
    /// What records bear that are no sessions.
    pub(crate) const OF_NOTES: Self = Self([b'-'; 16]);

    /// A new name, unlike all others.
    pub fn generate() -> Self {
        Self(random_base64url())
    }

    /// The name that stands for a MAC.
    #[cfg(feature = "express")]
    pub(crate) fn from_mac(mac: &[u8; 32]) -> Self {
        let mut handle = [0; 16];
        super::base64url(&mac[..12], &mut handle);
        Self(handle)
    }

    /// The 16 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let handle = <[u8; 16]>::try_from(text.as_bytes()).map_err(|_| InvalidHandle)?;
        let valid = handle.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if valid { Ok(Self(handle)) } else { Err(InvalidHandle) }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({self})")
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A handle is 16 characters of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHandle;

impl fmt::Display for InvalidHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session handle is 16 characters of base64url")
    }
}

impl std::error::Error for InvalidHandle {}
