//! The application's own cookies as cookie-parser shows them and as `res.cookie` sets them.

mod received;

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use twinjar_shared::contract::EncodeError;
use twinjar_shared::cookie::{CookieName, CookieValue, Domain, Path, Priority, SameSite, SetCookie};
use twinjar_shared::express::stringified;

use self::received::{Received, received};
use crate::cookies::{CookieError, Cookies, InvalidCookie};
use crate::time::{Clock, SystemClock};

/// The mark of a JSON value.
const JSON: &str = "j:";

/// What a cookie holds, as cookie-parser has it.
#[derive(Clone)]
pub enum ExpressValue {
    /// A text.
    Text(String),
    /// A value behind the mark `j:`, as JSON text.
    Json(Box<RawValue>),
}

/// A name with what stands under it in `req.signedCookies`; `None` is cookie-parser's `false`: somebody has changed it.
pub type SignedCookie = (String, Option<ExpressValue>);

/// A request's cookies with the meaning that Express gives them; see [`Cookies::express`].
///
/// ```
/// use twinjar_server::express::CookieOptions;
/// use twinjar_server::{CookieError, Cookies};
///
/// async fn remember(cookies: Cookies) -> Result<(), CookieError> {
///     let express = cookies.express();
///     // req.signedCookies.visits
///     let visits = express.signed("visits").flatten().and_then(|value| value.as_str()?.parse().ok()).unwrap_or(0_u32);
///     // res.cookie("visits", …, { signed: true, httpOnly: true })
///     express.set("visits", visits + 1, &CookieOptions::new().signed().http_only(true))
/// }
/// ```
#[derive(Clone)]
pub struct ExpressCookies(Cookies);

impl Cookies {
    /// The same jar with Express' meanings: `req.cookies`, `req.signedCookies`, `res.cookie`, `res.clearCookie`.
    pub fn express(&self) -> ExpressCookies {
        ExpressCookies(self.clone())
    }
}

impl ExpressCookies {
    /// `req.cookies`: all that are not marked as signed. Of several with one name, the first; a name may be empty.
    pub fn all(&self) -> Vec<(String, ExpressValue)> {
        let plain = self.texts().into_iter().filter(|(_, text)| !is_marked(text));
        plain.map(|(name, text)| (name, ExpressValue::parse(text))).collect()
    }

    /// `req.signedCookies`: all that are marked as signed.
    pub fn all_signed(&self) -> Vec<SignedCookie> {
        let marked = self.texts().into_iter().filter(|(_, text)| is_marked(text));
        marked.map(|(name, text)| (name, self.unsigned(&text))).collect()
    }

    /// One of `req.cookies`.
    pub fn get(&self, name: &str) -> Option<ExpressValue> {
        self.text(name).filter(|text| !is_marked(text)).map(ExpressValue::parse)
    }

    /// One of `req.signedCookies`; `Some(None)`: somebody has changed it.
    pub fn signed(&self, name: &str) -> Option<Option<ExpressValue>> {
        self.text(name).filter(|text| is_marked(text)).map(|text| self.unsigned(&text))
    }

    /// `res.cookie(name, value, options)`: texts, numbers and booleans as they are; objects, arrays and null behind
    /// `j:`. A second cookie of the same name, domain and path replaces the first.
    ///
    /// # Errors
    /// [`CookieError`]. Nothing is set.
    pub fn set(&self, name: &str, value: impl Serialize, options: &CookieOptions) -> Result<(), CookieError> {
        let text = text_of(&value)?;
        let value = if options.signed {
            self.0.secrets().ring().sign_cookie(&text)
        } else {
            CookieValue::encode(&text).into_owned()
        };
        let cookie = options.apply(SetCookie::new(CookieName::new(name)?, value))?;
        let cookie = match options.max_age {
            None => cookie,
            Some(max_age) => {
                let now = SystemClock.now() + max_age;
                cookie.max_age(i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX)).expires(now.as_seconds())
            }
        };
        self.0.set_line(cookie.build()?)
    }

    /// `res.clearCookie(name, options)`.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn clear(&self, name: &str, options: &CookieOptions) -> Result<(), CookieError> {
        let cookie = options.apply(SetCookie::new(CookieName::new(name)?, CookieValue::EMPTY))?;
        self.0.set_line(cookie.expires(0).build()?)
    }

    /// Names and decoded values, each name once.
    fn texts(&self) -> Vec<(String, String)> {
        let mut names = HashSet::new();
        let first = received(self.0.headers()).filter(|cookie| names.insert(cookie.name));
        first.map(|cookie| (cookie.name_text(), cookie.text())).collect()
    }

    /// The same for one name.
    fn text(&self, name: &str) -> Option<String> {
        received(self.0.headers()).find(|cookie| cookie.is_named(name)).map(Received::text)
    }

    fn unsigned(&self, text: &str) -> Option<ExpressValue> {
        let verified = self.0.secrets().ring().verify_cookie(text)?;
        Some(ExpressValue::parse(verified.value.to_owned()))
    }
}

impl fmt::Debug for ExpressCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExpressCookies(…)")
    }
}

impl ExpressValue {
    /// The text, unless it is JSON.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(_) => None,
        }
    }

    /// What is marked as JSON is parsed; what is none, or nothing that JavaScript holds to be true, stays a text.
    fn parse(text: String) -> Self {
        let json = text.strip_prefix(JSON).and_then(|json| serde_json::from_str::<Box<RawValue>>(json).ok());
        match json.filter(|json| is_truthy(json.get())) {
            Some(json) => Self::Json(json),
            None => Self::Text(text),
        }
    }
}

impl fmt::Debug for ExpressValue {
    /// The values are the users' own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Json(_) => "Json(…)",
        })
    }
}

impl Serialize for ExpressValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

/// The options of `res.cookie`. It starts with Express' defaults: `Path=/` and nothing else.
#[derive(Clone, Debug)]
pub struct CookieOptions {
    signed: bool,
    max_age: Option<Duration>,
    domain: Option<String>,
    path: String,
    http_only: bool,
    secure: bool,
    partitioned: bool,
    priority: Option<Priority>,
    same_site: Option<SameSite>,
}

impl CookieOptions {
    /// Express' defaults.
    pub fn new() -> Self {
        Self {
            signed: false,
            max_age: None,
            domain: None,
            path: "/".to_owned(),
            http_only: false,
            secure: false,
            partitioned: false,
            priority: None,
            same_site: None,
        }
    }

    /// `signed: true`: everybody can read it, nobody else can change it.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// `maxAge`: sets `Max-Age`, in whole seconds, and `Expires`.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// `domain`. A leading dot stays as it is.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// `path`; `/` by default.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// `httpOnly`.
    #[must_use]
    pub fn http_only(mut self, yes: bool) -> Self {
        self.http_only = yes;
        self
    }

    /// `secure`.
    #[must_use]
    pub fn secure(mut self, yes: bool) -> Self {
        self.secure = yes;
        self
    }

    /// `partitioned`.
    #[must_use]
    pub fn partitioned(mut self, yes: bool) -> Self {
        self.partitioned = yes;
        self
    }

    /// `priority`.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// `sameSite`.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    fn apply<'a>(&'a self, cookie: SetCookie<'a>) -> Result<SetCookie<'a>, InvalidCookie> {
        let mut cookie = cookie
            .path(Path::new(&self.path)?)
            .http_only(self.http_only)
            .secure(self.secure)
            .partitioned(self.partitioned);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(Domain::verbatim(domain)?);
        }
        if let Some(priority) = self.priority {
            cookie = cookie.priority(priority);
        }
        if let Some(same_site) = self.same_site {
            cookie = cookie.same_site(same_site);
        }
        Ok(cookie)
    }
}

impl Default for CookieOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// `String(value)`, or the JSON text behind its mark.
fn text_of(value: &impl Serialize) -> Result<String, CookieError> {
    let unrepresentable = |_| CookieError::Encode(EncodeError::Unrepresentable);
    let json = serde_json::to_string(value).map_err(unrepresentable)?;
    match json.as_bytes() {
        [b'"', ..] => serde_json::from_str(&json).map_err(unrepresentable),
        [b'{' | b'[' | b'n', ..] => Ok([JSON, &stringified(&json)].concat()),
        _ => Ok(stringified(&json)),
    }
}

/// Whether JavaScript holds a JSON value to be true.
fn is_truthy(json: &str) -> bool {
    match json {
        "null" | "false" | "\"\"" => false,
        _ => !serde_json::from_str::<f64>(json).is_ok_and(|number| number == 0.0),
    }
}

/// Whether a text is marked as signed.
fn is_marked(text: &str) -> bool {
    text.starts_with("s:")
}

#[cfg(test)]
mod tests;
