//! The secrets behind signed cookies and session ids.

use std::fmt;

use twinjar_shared::signature::{KeyRing, SecretError};

/// The shortest secret that is accepted: as long as the MAC it makes (RFC 2104 section 3).
const MIN_BYTES: usize = 32;

/// The server's secrets in order of age: the first signs, all verify.
///
/// To replace a secret, put the new one first and keep the old one until the cookies it signed have run out.
///
/// ```
/// use twinjar_server::Secrets;
///
/// let secrets = Secrets::new(["7f9c2ba4e88f827d616045507605853e", "the 32 bytes that signed last month"])?;
/// assert!(Secrets::new(["keyboard cat"]).is_err());
/// # Ok::<(), twinjar_server::SecretsError>(())
/// ```
#[derive(Clone)]
pub struct Secrets(KeyRing);

impl Secrets {
    /// Takes secrets of at least 32 bytes each, the signing one first.
    ///
    /// # Errors
    /// There is none, or one is too short.
    pub fn new(secrets: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Self, SecretsError> {
        let secrets: Vec<_> = secrets.into_iter().collect();
        if let Some(index) = secrets.iter().position(|secret| secret.as_ref().len() < MIN_BYTES) {
            return Err(SecretsError::TooShort { index });
        }
        Self::insecure_of_any_length(secrets)
    }

    /// Takes secrets of any length, for those that another system has chosen. Whoever guesses one forges every
    /// session.
    ///
    /// # Errors
    /// There is none, or one is empty.
    pub fn insecure_of_any_length(
        secrets: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, SecretsError> {
        match KeyRing::from_secrets(secrets) {
            Ok(ring) => Ok(Self(ring)),
            Err(SecretError::Missing) => Err(SecretsError::Missing),
            Err(_) => Err(SecretsError::Empty),
        }
    }

    /// A random secret that nobody knows: what it signs is void after a restart.
    pub fn random() -> Self {
        let secret: [u8; MIN_BYTES] = rand::random();
        Self(KeyRing::from_secrets([secret]).expect("a secret that is not empty"))
    }

    pub(crate) const fn ring(&self) -> &KeyRing {
        &self.0
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Why secrets are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsError {
    /// There is none.
    Missing,
    /// One is empty.
    Empty,
    /// One is shorter than 32 bytes.
    TooShort {
        /// Which, counted from 0.
        index: usize,
    },
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("give at least one secret"),
            Self::Empty => f.write_str("a secret is empty"),
            Self::TooShort { index } => {
                write!(
                    f,
                    "secret {} is shorter than {MIN_BYTES} bytes; take {MIN_BYTES} random ones",
                    index + 1
                )
            }
        }
    }
}

impl std::error::Error for SecretsError {}
