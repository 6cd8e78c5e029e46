//! The session cookie's attributes, and its `Set-Cookie` lines.

use http::HeaderValue;
use twinjar_shared::cookie::{CookieName, CookieValue, Domain, Path, SameSite, SetCookie};
use twinjar_shared::session::Companion;

use super::InvalidCookie;

/// How the session cookie is set.
///
/// # Defaults
/// - name `__Host-id` where nothing forbids the prefix, `__Secure-id` with a domain or a path, `id` without `Secure`
/// - `Path=/; HttpOnly; Secure; SameSite=Lax`, no `Domain`
/// - no `Max-Age`: it ends with the browser, unless a session is [remembered](crate::Expiry::persistent)
///
/// ```
/// use twinjar_server::{SameSite, SessionCookie};
///
/// let cookie = SessionCookie::new().same_site(SameSite::Strict);
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to SessionLayerBuilder::cookie"]
pub struct SessionCookie {
    name: Option<String>,
    domain: Option<String>,
    path: String,
    same_site: SameSite,
    partitioned: bool,
    security: CookieSecurity,
}

/// When the session cookie is `Secure`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookieSecurity {
    /// Always. Over plain http it is withheld, with a warning in the log; on the loopback host browsers accept it.
    #[default]
    Always,
    /// Over https only. Over plain http the session can be stolen on the way.
    InsecureOverHttp,
    /// Never. The session can be stolen on the way.
    InsecureAlways,
}

impl SessionCookie {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            name: None,
            domain: None,
            path: "/".to_owned(),
            same_site: SameSite::Lax,
            partitioned: false,
            security: CookieSecurity::Always,
        }
    }

    /// The name. One that does not tell what software is used serves best.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sends the cookie to this host and all below it, instead of to the one that set it alone.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sends the cookie to requests below this path alone. It is no protection: pages of one host share cookies.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Which requests from other sites carry the cookie. `None` needs `Secure`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// For a page that lives in frames on other sites: a session of its own under each of them.
    pub fn partitioned(mut self) -> Self {
        self.partitioned = true;
        self
    }

    /// When the cookie is `Secure`.
    pub fn security(mut self, security: CookieSecurity) -> Self {
        self.security = security;
        self
    }

    /// Checks the whole.
    pub(crate) fn lines(&self) -> Result<CookieLines, InvalidCookie> {
        let name = self.name.clone().unwrap_or_else(|| format!("{}id", self.prefix()));
        self.lines_for(name, true)
    }

    /// The lines of the companion cookie: the same, but for scripts to read.
    pub(crate) fn companion_lines(&self) -> Result<CookieLines, InvalidCookie> {
        let default = Companion::DEFAULT_NAME.as_str();
        let bare = default.strip_prefix("__Host-").unwrap_or(default);
        self.lines_for(format!("{}{bare}", self.prefix()), false)
    }

    fn prefix(&self) -> &'static str {
        match self.security {
            CookieSecurity::Always if self.domain.is_none() && self.path == "/" => "__Host-",
            CookieSecurity::Always => "__Secure-",
            CookieSecurity::InsecureOverHttp | CookieSecurity::InsecureAlways => "",
        }
    }

    fn lines_for(&self, name: String, http_only: bool) -> Result<CookieLines, InvalidCookie> {
        let secure = self.security != CookieSecurity::InsecureAlways;
        let plain = match self.security {
            CookieSecurity::InsecureOverHttp => Some(self.line(&name, http_only, false)?),
            CookieSecurity::Always | CookieSecurity::InsecureAlways => None,
        };
        let usual = self.line(&name, http_only, secure)?;
        Ok(CookieLines { name, security: self.security, usual, plain })
    }

    fn line(&self, name: &str, http_only: bool, secure: bool) -> Result<Line, InvalidCookie> {
        let mut cookie = SetCookie::new(CookieName::new(name)?, CookieValue::EMPTY)
            .path(Path::new(&self.path)?)
            .http_only(http_only)
            .secure(secure)
            .partitioned(self.partitioned)
            .same_site(self.same_site);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(Domain::new(domain)?);
        }
        let whole = cookie.build()?;
        let attributes = whole[name.len() + 1..].to_owned();
        Ok(Line {
            attributes,
            removal: HeaderValue::try_from(cookie.removal().build()?).expect("cookies are ASCII"),
        })
    }
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self::new()
    }
}

/// The parts of the `Set-Cookie` lines that are the same for all sessions, checked once.
#[derive(Clone, Debug)]
pub(crate) struct CookieLines {
    pub(crate) name: String,
    security: CookieSecurity,
    usual: Line,
    /// For plain http, where it differs.
    plain: Option<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    /// From the first `;` on.
    attributes: String,
    removal: HeaderValue,
}

impl CookieLines {
    /// Whether [`can_be_set`](Self::can_be_set) depends on whom a request is for.
    pub(crate) fn ask_for_loopback(&self) -> bool {
        self.security == CookieSecurity::Always
    }

    /// Whether a browser would keep the cookie that came over such a connection.
    pub(crate) fn can_be_set(&self, https: bool, loopback: bool) -> bool {
        self.security != CookieSecurity::Always || https || loopback
    }

    /// `write_value` appends `length` cookie-octets.
    pub(crate) fn set(
        &self,
        length: usize,
        write_value: impl FnOnce(&mut String),
        max_age_seconds: Option<u64>,
        https: bool,
    ) -> HeaderValue {
        let Line { attributes, .. } = self.line(https);
        let max_age = max_age_seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        // The exact size: a header value that owns spare room costs another allocation.
        let room = self.name.len() + 1 + length + max_age.len() + attributes.len();
        let mut line = String::with_capacity(room);
        line.push_str(&self.name);
        line.push('=');
        write_value(&mut line);
        line.push_str(&max_age);
        line.push_str(attributes);
        let mut line = HeaderValue::try_from(line).expect("checked parts");
        line.set_sensitive(true);
        line
    }

    pub(crate) fn removal(&self, https: bool) -> HeaderValue {
        self.line(https).removal.clone()
    }

    fn line(&self, https: bool) -> &Line {
        match &self.plain {
            Some(plain) if !https => plain,
            _ => &self.usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookie: &SessionCookie, https: bool) -> String {
        let line = cookie.lines().expect("valid").set(1, |out| out.push('v'), None, https);
        line.to_str().expect("ASCII").to_owned()
    }

    #[test]
    fn defaults_are_the_safe_ones() {
        let cookie = SessionCookie::new();
        assert_eq!(set(&cookie, true), "__Host-id=v; Path=/; HttpOnly; Secure; SameSite=Lax");
        let lines = cookie.lines().expect("valid");
        let removal = lines.removal(true);
        let removal = removal.to_str().expect("ASCII");
        assert!(removal.starts_with("__Host-id=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT;"));
        assert!(
            removal.ends_with("HttpOnly; Secure; SameSite=Lax"),
            "removed with the attributes it was set with"
        );
    }

    #[test]
    fn names_follow_what_the_prefixes_allow() {
        for (name, cookie) in [
            ("__Secure-id=", SessionCookie::new().domain("example.com")),
            ("__Secure-id=", SessionCookie::new().path("/app")),
            ("id=", SessionCookie::new().security(CookieSecurity::InsecureOverHttp)),
            ("sid=", SessionCookie::new().name("sid")),
        ] {
            assert!(set(&cookie, true).starts_with(name), "{name}");
        }
    }

    #[test]
    fn secure_follows_the_connection_only_when_told_to() {
        let following = SessionCookie::new().security(CookieSecurity::InsecureOverHttp);
        assert!(set(&following, true).contains("; Secure"));
        assert!(!set(&following, false).contains("; Secure"));
        assert!(!SessionCookie::new().lines().expect("valid").can_be_set(false, false));
        assert!(SessionCookie::new().lines().expect("valid").can_be_set(false, true));
    }

    #[test]
    fn cookies_that_browsers_drop_are_refused() {
        for cookie in [
            SessionCookie::new().name("a b"),
            SessionCookie::new().name(""),
            SessionCookie::new().name("__Host-id").domain("example.com"),
            SessionCookie::new().name("__Secure-id").security(CookieSecurity::InsecureAlways),
            SessionCookie::new().same_site(SameSite::None).security(CookieSecurity::InsecureAlways),
            SessionCookie::new().path("app"),
            SessionCookie::new().domain("exa mple.com"),
        ] {
            assert!(cookie.lines().is_err(), "{cookie:?}");
        }
    }
}
