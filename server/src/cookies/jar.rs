//! The cookies of the request, and those that the response sets.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, header};
use twinjar_shared::contract::{CookieKey, DecodeError, EncodeError};
use twinjar_shared::cookie::{BuildError, CookieValue, NameError, RawValue, ReceivedCookie, SetCookie};

use super::form::Form;
use super::{CookieHeaders, InvalidCookie, Secrets};

/// The cookies of the current request; what is set and removed goes out with the response.
///
/// An extractor for handlers, and an extension for middleware, under a [`CookiesLayer`](crate::CookiesLayer).
/// Clones are the same jar. What has been set is read back by the same request.
///
/// ```
/// use twinjar_server::{CookieKey, Cookies, CookieError};
///
/// const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);
///
/// async fn toggle(cookies: Cookies) -> Result<(), CookieError> {
///     let dark = cookies.read(&THEME)?.is_some_and(|theme| theme == "dark");
///     cookies.write(&THEME, &if dark { "light" } else { "dark" }.to_owned())?;
///     cookies.signed().write(&CookieKey::integer("__Host-visits"), &1_u32)
/// }
/// ```
#[derive(Clone)]
pub struct Cookies {
    jar: Arc<Jar>,
    form: Form,
}

struct Jar {
    headers: CookieHeaders,
    /// Somebody has looked at the request's cookies.
    read: AtomicBool,
    secrets: Secrets,
    changes: Mutex<Vec<Change>>,
}

/// A `Set-Cookie` line, and what a user agent would make of it.
struct Change {
    name: Box<str>,
    domain: Option<Box<[u8]>>,
    path: Option<Box<[u8]>>,
    /// `None`: removed.
    value: Option<Box<[u8]>>,
    line: String,
}

impl Cookies {
    pub(crate) fn new(headers: CookieHeaders, secrets: Secrets) -> Self {
        let jar = Jar { headers, read: AtomicBool::new(false), secrets, changes: Mutex::default() };
        Self { jar: Arc::new(jar), form: Form::Plain }
    }

    /// The same jar, for signed cookies: readable by everybody, changed by nobody else. The format is Express'.
    pub fn signed(&self) -> Self {
        Self { jar: Arc::clone(&self.jar), form: Form::Signed }
    }

    /// The same jar, for encrypted cookies (XChaCha20-Poly1305, bound to the cookie's name).
    pub fn private(&self) -> Self {
        Self { jar: Arc::clone(&self.jar), form: Form::Private }
    }

    /// The text of a cookie; of several with this name, the first that is of the jar's form. `None`: there is
    /// none, or (signed, private) somebody has changed it.
    pub fn get(&self, name: &str) -> Option<String> {
        let open = |value: &[u8]| self.form.read(&self.jar.secrets, name, RawValue::new(value));
        if let Some(change) = self.jar.changes().iter().rev().find(|change| *change.name == *name) {
            return open(change.value.as_deref()?);
        }
        self.headers().get_all(name).find_map(|value| open(value.as_bytes()))
    }

    /// Every name that the request carries, in order, with duplicates.
    pub fn names(&self) -> Vec<String> {
        self.headers().pairs().map(|pair| pair.name.decode().into_owned()).collect()
    }

    /// Sets a cookie. The value given is the text (percent-encoded, as [`CookieValue::encode`] makes it), which the
    /// jar signs or encrypts. A second cookie of the same name, domain and path replaces the first.
    ///
    /// # Errors
    /// [`CookieError::Build`]: browsers would drop the cookie. Nothing is set.
    pub fn set(&self, cookie: &SetCookie<'_>) -> Result<(), CookieError> {
        let line = cookie.build()?;
        let received = received(&line);
        let (name, text) = (received.name.decode().into_owned(), received.value.decode().into_owned());
        let value = self.form.write(&self.jar.secrets, &name, &text);
        let attributes = line.find(';').map_or("", |at| &line[at..]);
        let changed = [&name, "=", value.as_str(), attributes].concat();
        // A signature or a cipher makes the value longer, which may be too long.
        self.jar.change(changed)
    }

    /// Removes a cookie that was set like this one: with the same name, domain, path and flags.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn remove(&self, cookie: SetCookie<'_>) -> Result<(), CookieError> {
        self.jar.change(cookie.removal().build()?)
    }

    /// The value of a typed cookie.
    ///
    /// # Errors
    /// [`CookieError::Decode`]: the cookie is there, but not of the key's type.
    pub fn read<T>(&self, key: &CookieKey<T>) -> Result<Option<T>, CookieError> {
        let Some(text) = self.get(key.name().as_str()) else { return Ok(None) };
        let encoded = CookieValue::encode(&text);
        Ok(Some(key.decode(RawValue::new(encoded.as_str().as_bytes()))?))
    }

    /// Sets a typed cookie with the attributes of its key.
    ///
    /// # Errors
    /// [`CookieError::Encode`], [`CookieError::Build`]. Nothing is set.
    pub fn write<T>(&self, key: &CookieKey<T>, value: &T) -> Result<(), CookieError> {
        self.set(&key.set_cookie(value)?)
    }

    /// Removes a typed cookie, by the attributes of its key.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn forget<T>(&self, key: &CookieKey<T>) -> Result<(), CookieError> {
        self.remove(key.removal())
    }

    /// The request's cookies, to be read.
    pub(crate) fn headers(&self) -> &CookieHeaders {
        self.jar.read.store(true, Ordering::Relaxed);
        &self.jar.headers
    }

    /// Whether the answer may depend on the request's cookies.
    pub(crate) fn was_read(&self) -> bool {
        self.jar.read.load(Ordering::Relaxed)
    }

    #[cfg(feature = "express")]
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.jar.secrets
    }

    /// Sets or removes a cookie by its whole `Set-Cookie` line.
    #[cfg(feature = "express")]
    pub(crate) fn set_line(&self, line: String) -> Result<(), CookieError> {
        self.jar.change(line)
    }

    /// Appends the `Set-Cookie` lines to a response. `false`: there are none.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) -> bool {
        let mut changes = self.jar.changes();
        let sets_any = !changes.is_empty();
        for change in changes.drain(..) {
            let mut line = HeaderValue::try_from(change.line).expect("cookies are ASCII");
            line.set_sensitive(true);
            headers.append(header::SET_COOKIE, line);
        }
        sets_any
    }
}

impl Jar {
    fn changes(&self) -> std::sync::MutexGuard<'_, Vec<Change>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, line: String) -> Result<(), CookieError> {
        let received =
            ReceivedCookie::parse(line.as_bytes()).map_err(|_| CookieError::Build(BuildError::TooLarge))?;
        let removed = received.max_age == Some(0) || received.expires == Some(0);
        let change = Change {
            name: received.name.decode().into(),
            domain: received.domain.as_deref().map(Into::into),
            path: received.path.map(|path| path.as_bytes().into()),
            value: (!removed).then(|| received.value.as_bytes().into()),
            line: String::new(),
        };
        let change = Change { line, ..change };
        let mut changes = self.changes();
        let same = |other: &Change| {
            (&other.name, &other.domain, &other.path) == (&change.name, &change.domain, &change.path)
        };
        changes.retain(|other| !same(other));
        changes.push(change);
        Ok(())
    }
}

fn received(line: &str) -> ReceivedCookie<'_> {
    ReceivedCookie::parse(line.as_bytes()).expect("a cookie that was built can be received")
}

impl fmt::Debug for Cookies {
    /// Names and values are the visitor's, and some are credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").field("form", &self.form).finish_non_exhaustive()
    }
}

/// Why a cookie was not set or not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// Browsers would drop the cookie.
    Build(BuildError),
    /// The name, the domain or the path is none that a cookie can have.
    Invalid(InvalidCookie),
    /// The value cannot be written.
    Encode(EncodeError),
    /// The cookie that came is not of the key's type.
    Decode(DecodeError),
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Invalid(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CookieError {}

impl From<InvalidCookie> for CookieError {
    fn from(error: InvalidCookie) -> Self {
        Self::Invalid(error)
    }
}

impl From<NameError> for CookieError {
    fn from(error: NameError) -> Self {
        Self::Invalid(error.into())
    }
}

impl From<BuildError> for CookieError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<EncodeError> for CookieError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<DecodeError> for CookieError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}
