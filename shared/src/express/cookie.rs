//! The member `cookie` of a record: the settings of the session's cookie.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};

use super::record::{Edit, RecordError, edit_members, is_named, members};
use super::time::iso_date;
use crate::cookie::{CookieName, CookieValue, Domain, Path, Priority, SameSite, SetCookie};

/// The settings of one session's cookie, as express-session's `Cookie` has them.
#[derive(Clone, Debug, PartialEq)]
pub struct CookieSettings {
    /// How long the session lives without being used, in milliseconds; `None`: the cookie ends with the browser.
    pub original_max_age: Option<f64>,
    /// Left out of records where it is `None`.
    pub partitioned: Option<bool>,
    /// Left out of records where it is `None`.
    pub priority: Option<Priority>,
    /// Left out of records where it is `None`.
    pub secure: Option<bool>,
    /// `true` unless said otherwise.
    pub http_only: bool,
    /// Left out of records where it is `None`.
    pub domain: Option<String>,
    /// `/` unless said otherwise; `None`: the cookie is set without a path.
    pub path: Option<String>,
    /// Left out of records where it is `None`.
    pub same_site: Option<SameSiteSetting>,
}

/// The setting `sameSite`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSiteSetting {
    /// One of the three.
    Is(SameSite),
    /// `false`: the attribute is not set.
    Off,
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self {
            original_max_age: None,
            partitioned: None,
            priority: None,
            secure: None,
            http_only: true,
            domain: None,
            path: Some("/".to_owned()),
            same_site: None,
        }
    }
}

impl CookieSettings {
    /// Reads the JSON text of the settings. Unknown ones are passed over.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: a setting has a type or value with which express-session could not set the cookie.
    pub fn parse(json: &str) -> Result<Self, RecordError> {
        let mut settings = Self::default();
        for (name, value) in members(json).ok_or(RecordError::NoCookie)? {
            match name.as_deref().unwrap_or_default() {
                "originalMaxAge" => settings.original_max_age = max_age(value)?,
                "partitioned" => settings.partitioned = flag(value),
                "priority" => {
                    let priority = |word: &str| Priority::parse(word.as_bytes());
                    settings.priority = keyword(value)?.map(|word| priority(&word).ok_or(BAD)).transpose()?;
                }
                "secure" => settings.secure = flag(value),
                "httpOnly" => settings.http_only = flag(value).unwrap_or(false),
                "domain" => settings.domain = text(value)?.map(Cow::into_owned),
                "path" => settings.path = text(value)?.map(Cow::into_owned),
                "sameSite" => settings.same_site = same_site(value)?,
                _ => {}
            }
        }
        Ok(settings)
    }

    /// When a session that is used now ends, in milliseconds since the Unix epoch; `None`: nobody has said.
    ///
    /// # Errors
    ///
    /// [`RecordError::BadMaxAge`]: after the year 9999.
    pub fn expires_at(&self, now: i64) -> Result<Option<i64>, RecordError> {
        let Some(max_age) = self.original_max_age else { return Ok(None) };
        // Far beyond any date there is, where a cast would not be exact any more.
        if max_age.abs() > 1e15 {
            return Err(RecordError::BadMaxAge);
        }
        let expires_at = now.saturating_add(max_age.trunc() as i64);
        iso_date(expires_at).map(|_| Some(expires_at)).ok_or(RecordError::BadMaxAge)
    }

    /// The JSON text of settings that end at this moment, in express-session's order.
    #[must_use]
    pub fn to_json(&self, expires_at: Option<i64>) -> String {
        use serde_json::Value;
        let same_site = self.same_site.map(|same_site| match same_site {
            SameSiteSetting::Is(same_site) => same_site.as_str().to_ascii_lowercase().into(),
            SameSiteSetting::Off => Value::Bool(false),
        });
        let whole = |ms: f64| if ms.fract() == 0.0 { Value::from(ms as i64) } else { Value::from(ms) };
        let settings: [(&str, Option<Value>); 9] = [
            ("originalMaxAge", Some(self.original_max_age.map_or(Value::Null, whole))),
            ("partitioned", self.partitioned.map(Value::from)),
            ("priority", self.priority.map(|priority| priority.as_str().to_ascii_lowercase().into())),
            ("expires", Some(expires_at.and_then(iso_date).map_or(Value::Null, Value::from))),
            ("secure", self.secure.map(Value::from)),
            ("httpOnly", Some(Value::from(self.http_only))),
            ("domain", self.domain.clone().map(Value::from)),
            ("path", Some(self.path.clone().map_or(Value::Null, Value::from))),
            ("sameSite", same_site),
        ];
        let mut json = String::from("{");
        for (name, value) in settings.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if json.len() > 1 {
                json.push(',');
            }
            json.push('"');
            json.push_str(name);
            json.push_str("\":");
            json.push_str(&value.to_string());
        }
        json.push('}');
        json
    }

    /// The JSON text of found settings with another end. Everything else stays as it was, to the byte. Settings
    /// without an end stay without one.
    #[must_use]
    pub fn postponed(json: &str, expires_at: Option<i64>) -> String {
        let Some((date, members)) = expires_at.and_then(iso_date).zip(members(json)) else {
            return json.to_owned();
        };
        let date = serde_json::Value::from(date).to_string();
        let edit = |name: Option<&str>| if name == Some("expires") { Edit::Set(&date) } else { Edit::Keep };
        let is_there = members.iter().any(|member| is_named(member, "expires"));
        let added = [("expires", &*date)];
        edit_members(json, &members, edit, if is_there { &[] } else { &added })
    }

    /// The found settings with another lifetime, in milliseconds: `req.session.cookie.maxAge = …`.
    #[must_use]
    pub fn with_max_age(json: &str, max_age: Option<i64>) -> String {
        let Some(members) = members(json) else { return json.to_owned() };
        let max_age = max_age.map_or_else(|| "null".to_owned(), |ms| ms.to_string());
        let edit = |name: Option<&str>| match name {
            Some("originalMaxAge") => Edit::Set(&max_age),
            Some("expires") => Edit::Set("null"),
            _ => Edit::Keep,
        };
        let is_there = members.iter().any(|member| is_named(member, "originalMaxAge"));
        let added = [("originalMaxAge", &*max_age)];
        edit_members(json, &members, edit, if is_there { &[] } else { &added })
    }

    /// The `Set-Cookie` value as express-session sends it. `expires_at` is in milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`RecordError::BadSetting`]: the path or the domain is none, or the whole is too large.
    pub fn set_cookie(
        &self,
        name: CookieName<'_>,
        value: CookieValue<'_>,
        expires_at: Option<i64>,
    ) -> Result<String, RecordError> {
        let cookie = self.attributes(SetCookie::new(name, value))?;
        let cookie = expires_at.map_or(cookie.clone(), |ms| cookie.expires(ms.div_euclid(1000)));
        cookie.build_by_grammar().map_err(|_| BAD)
    }

    /// The `Set-Cookie` value that removes the cookie.
    ///
    /// # Errors
    ///
    /// As [`CookieSettings::set_cookie`].
    pub fn removal(&self, name: CookieName<'_>) -> Result<String, RecordError> {
        let cookie = self.attributes(SetCookie::new(name, CookieValue::EMPTY))?;
        cookie.expires(0).build_by_grammar().map_err(|_| BAD)
    }

    fn attributes<'a>(&'a self, cookie: SetCookie<'a>) -> Result<SetCookie<'a>, RecordError> {
        let mut cookie = cookie
            .http_only(self.http_only)
            .secure(self.secure == Some(true))
            .partitioned(self.partitioned == Some(true));
        if let Some(domain) = self.domain.as_deref().filter(|domain| !domain.is_empty()) {
            cookie = cookie.domain(Domain::verbatim(domain).map_err(|_| BAD)?);
        }
        if let Some(path) = self.path.as_deref().filter(|path| !path.is_empty()) {
            cookie = cookie.path(Path::verbatim(path).map_err(|_| BAD)?);
        }
        if let Some(priority) = self.priority {
            cookie = cookie.priority(priority);
        }
        if let Some(SameSiteSetting::Is(same_site)) = self.same_site {
            cookie = cookie.same_site(same_site);
        }
        Ok(cookie)
    }
}

const BAD: RecordError = RecordError::BadSetting;

/// A number; what JavaScript holds to be false is none.
fn max_age(json: &str) -> Result<Option<f64>, RecordError> {
    match json {
        "null" | "false" | "\"\"" => Ok(None),
        number => {
            let ms: f64 = serde_json::from_str(number).map_err(|_| RecordError::BadMaxAge)?;
            Ok(Some(ms))
        }
    }
}

/// What JavaScript makes of a value where it asks for a truth; `None` for null.
fn flag(json: &str) -> Option<bool> {
    match json {
        "null" => None,
        "false" | "\"\"" => Some(false),
        number if serde_json::from_str::<f64>(number).is_ok_and(|number| number == 0.0) => Some(false),
        _ => Some(true),
    }
}

/// A text; `None` for null.
fn text(json: &str) -> Result<Option<Cow<'_, str>>, RecordError> {
    serde_json::from_str::<Option<String>>(json).map(|text| text.map(Cow::Owned)).map_err(|_| BAD)
}

/// A word; what JavaScript holds to be false is none.
fn keyword(json: &str) -> Result<Option<Cow<'_, str>>, RecordError> {
    match json {
        "false" | "0" => Ok(None),
        _ => Ok(text(json)?.filter(|word| !word.is_empty())),
    }
}

fn same_site(json: &str) -> Result<Option<SameSiteSetting>, RecordError> {
    if json == "true" {
        return Ok(Some(SameSiteSetting::Is(SameSite::Strict)));
    }
    if json == "false" {
        return Ok(Some(SameSiteSetting::Off));
    }
    let parse = |word: Cow<'_, str>| SameSite::parse(word.as_bytes()).ok_or(BAD);
    Ok(keyword(json)?.map(parse).transpose()?.map(SameSiteSetting::Is))
}

#[cfg(test)]
mod tests;
