//! The companion cookie: what a page may know about its session at first paint, with no request.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::fmt;

use crate::cookie::class::{UNESCAPED, all};
use crate::cookie::{CookieName, Decimal};
use crate::reason::reasons;

/// The companion cookie's content: readable by scripts and never a credential.
///
/// The text is five fields with dots between them: `1.<CSRF token>.<revision>.<idle>.<absolute>`. The first is the
/// version; the last two are deadlines in milliseconds since the Unix epoch, empty where there is none. All characters
/// are cookie-octets that no percent-encoding changes. In JavaScript:
///
/// ```js
/// const [version, csrfToken, revision, idleExpiresAt, absoluteExpiresAt] = text.split(".");
/// ```
///
/// ```
/// use twinjar_shared::session::Companion;
///
/// let companion = Companion::new("dG9rZW4", 7, Some(1_767_225_600_000), None)?;
/// assert_eq!(companion.to_text(), "1.dG9rZW4.7.1767225600000.");
/// assert_eq!(Companion::parse("1.dG9rZW4.7.1767225600000.")?, companion);
/// # Ok::<(), twinjar_shared::session::CompanionError>(())
/// ```
///
/// `Debug` does not print the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Companion<'a> {
    csrf_token: Cow<'a, str>,
    revision: u64,
    idle_expires_at: Option<u64>,
    absolute_expires_at: Option<u64>,
}

reasons! {
    /// Why a text is not a companion cookie's.
    pub enum CompanionError {
        /// The text is of another version.
        UnknownVersion = "companion_version_unknown", "twinjar companion cookie",
            "Reload the page: its scripts are older or newer than the server.",
        /// The text is of this version but damaged.
        Malformed = "companion_malformed", "twinjar companion cookie",
            "Leave the companion cookie to the server: this text is damaged.",
        /// The token has a character that the text cannot hold.
        BadToken = "companion_token_invalid", "twinjar companion cookie",
            "Make the CSRF token of letters, digits and -_!~*'() alone, and not empty.",
    }
}

impl<'a> Companion<'a> {
    /// The name that the server and the page use unless told otherwise.
    pub const DEFAULT_NAME: CookieName<'static> = match CookieName::new("__Host-session-state") {
        Ok(name) => name,
        Err(_) => unreachable!(),
    };

    /// Puts the parts together. Deadlines are milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`CompanionError::BadToken`].
    pub fn new(
        csrf_token: &'a str,
        revision: u64,
        idle_expires_at: Option<u64>,
        absolute_expires_at: Option<u64>,
    ) -> Result<Self, CompanionError> {
        if csrf_token.is_empty() || csrf_token.contains('.') || !all(csrf_token.as_bytes(), UNESCAPED) {
            return Err(CompanionError::BadToken);
        }
        Ok(Self { csrf_token: Cow::Borrowed(csrf_token), revision, idle_expires_at, absolute_expires_at })
    }

    /// Reads the cookie's text.
    ///
    /// # Errors
    ///
    /// [`CompanionError`] if it is of another version or damaged.
    pub fn parse(text: &'a str) -> Result<Self, CompanionError> {
        let mut fields = text.split('.');
        if fields.next() != Some(VERSION) {
            return Err(CompanionError::UnknownVersion);
        }
        let mut field = || fields.next().ok_or(CompanionError::Malformed);
        let csrf_token = field()?;
        let revision = number(field()?)?;
        let idle_expires_at = optional_number(field()?)?;
        let absolute_expires_at = optional_number(field()?)?;
        if fields.next().is_some() {
            return Err(CompanionError::Malformed);
        }
        Self::new(csrf_token, revision, idle_expires_at, absolute_expires_at)
            .map_err(|_| CompanionError::Malformed)
    }

    /// The cookie's text. It may be sent as it is.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = VERSION.to_owned();
        out.push('.');
        out.push_str(&self.csrf_token);
        for field in [Some(self.revision), self.idle_expires_at, self.absolute_expires_at] {
            out.push('.');
            if let Some(number) = field {
                out.push_str(Decimal::new(number).as_str());
            }
        }
        out
    }

    /// What the page sends in the header `X-CSRF-Token`.
    #[must_use]
    pub fn csrf_token(&self) -> &str {
        &self.csrf_token
    }

    /// How often the session's data has changed.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// When the session ends unless it is used before.
    #[must_use]
    pub const fn idle_expires_at(&self) -> Option<u64> {
        self.idle_expires_at
    }

    /// When the session ends, used or not.
    #[must_use]
    pub const fn absolute_expires_at(&self) -> Option<u64> {
        self.absolute_expires_at
    }

    /// The same content, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Companion<'static> {
        Companion { csrf_token: Cow::Owned(self.csrf_token.into_owned()), ..self }
    }
}

impl fmt::Debug for Companion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Companion")
            .field("revision", &self.revision)
            .field("idle_expires_at", &self.idle_expires_at)
            .field("absolute_expires_at", &self.absolute_expires_at)
            .finish_non_exhaustive()
    }
}

const VERSION: &str = "1";

fn number(field: &str) -> Result<u64, CompanionError> {
    if field.starts_with('+') {
        return Err(CompanionError::Malformed);
    }
    field.parse().map_err(|_| CompanionError::Malformed)
}

fn optional_number(field: &str) -> Result<Option<u64>, CompanionError> {
    if field.is_empty() { Ok(None) } else { number(field).map(Some) }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::cookie::CookieValue;

    #[test]
    fn other_texts_are_refused() {
        let rows = [
            ("nothing", "", CompanionError::UnknownVersion),
            ("a later version", "2.t.1.2.3", CompanionError::UnknownVersion),
            ("no token", "1..7.1.2", CompanionError::Malformed),
            ("a token with a space", "1.a b.7.1.2", CompanionError::Malformed),
            ("no revision", "1.t..1.2", CompanionError::Malformed),
            ("a field too few", "1.t.7.1", CompanionError::Malformed),
            ("a field too many", "1.t.7.1.2.3", CompanionError::Malformed),
            ("a sign", "1.t.+7.1.2", CompanionError::Malformed),
            ("too large", "1.t.18446744073709551616.1.2", CompanionError::Malformed),
        ];
        for (row, text, error) in rows {
            assert_eq!(Companion::parse(text), Err(error), "{row}");
        }
        for token in ["", "a.b", "a;b", "a=b", "ü"] {
            assert_eq!(Companion::new(token, 1, None, None), Err(CompanionError::BadToken), "{token}");
        }
    }

    #[test]
    fn the_text_is_a_cookie_value_as_it_is() {
        let companion = Companion::new("-_!~*'()", u64::MAX, None, Some(0)).expect("a token");
        let text = companion.to_text();
        assert_eq!(CookieValue::new(&text), Ok(CookieValue::encode(&text)));
        assert_eq!(Companion::parse(&text), Ok(companion));
    }

    #[test]
    fn debug_hides_the_token() {
        let companion = Companion::new("token", 1, None, None).expect("a token");
        assert!(!format!("{companion:?}").contains("token"));
    }
}
