//! Express mode of the session layer, and what can be set on it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use twinjar_shared::cookie::{Priority, SameSite};
use twinjar_shared::express::{CookieSettings, SameSiteSetting};

use super::AdoptExpress;
use super::generate::{Names, default_generator};
use super::rules::Rules;
use super::sessions::Sessions;
use super::store::ExpressStore;
use crate::cookies::{CookieSecurity, Secrets, SessionCookie};
use crate::layer::{ConfigError, SessionLayer, SessionLayerBuilder};
use crate::session::{Locking, SessionEvents};
use crate::store::MemoryStore;
use crate::time::Clock;

/// Sets up a [`SessionLayer`] whose sessions are those of express-session: the same cookie, ids and records.
///
/// # Defaults
/// - the cookie `connect.sid` with `Path=/; HttpOnly`, which ends with the browser
/// - `resave: false`, `saveUninitialized: false`, `rolling: false`: what express-session recommends, and not what it
///   falls back on with a warning
/// - ids of 24 random bytes
/// - requests of one session run side by side ([`Locking::Merge`])
/// - a session's data has at most 1 MiB
///
/// ```no_run
/// use std::time::Duration;
/// use twinjar_server::Secrets;
/// use twinjar_server::express::{ConnectRedis, ExpressCompat, ExpressSecure};
///
/// # async fn layer() -> Result<(), Box<dyn std::error::Error>> {
/// let store = ConnectRedis::connect("redis://127.0.0.1:6379/".parse()?).await?;
/// let secrets = Secrets::insecure_of_any_length(["the new secret", "the old one"])?;
/// let layer = ExpressCompat::new(store, &secrets)
///     .max_age(Duration::from_secs(14 * 86_400))
///     .rolling(true)
///     .secure(ExpressSecure::Auto)
///     .trust_forwarded_proto()
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "call build to get the layer"]
pub struct ExpressCompat {
    rules: Rules,
    layer: SessionLayerBuilder,
}

/// The option `cookie.secure`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpressSecure {
    /// Not set: the cookie goes over plain http too. The session can be stolen on the way.
    #[default]
    InsecureUnset,
    /// `true`: over plain http the cookie is withheld, with a warning in the log.
    Always,
    /// `"auto"`: as the connection is on which the session begins.
    Auto,
}

impl ExpressCompat {
    /// Starts with the defaults. Express' secrets are often shorter than [`Secrets::new`] takes:
    /// [`Secrets::insecure_of_any_length`] takes them.
    pub fn new(store: impl ExpressStore, secrets: &Secrets) -> Self {
        // The layer's own store stays empty.
        let layer = SessionLayer::builder(MemoryStore::new(), secrets).max_data_bytes(1024 * 1024);
        let rules = Rules {
            store: Arc::new(store),
            keys: secrets.ring().clone(),
            name: "connect.sid".to_owned(),
            cookie: CookieSettings::default(),
            secure: ExpressSecure::default(),
            same_site_auto: false,
            generate: default_generator(),
            resave: false,
            save_uninitialized: false,
            rolling: false,
            user_key: None,
        };
        Self { rules, layer }
    }

    /// The cookie's name: the option `name`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.rules.name = name.into();
        self
    }

    /// How long a session lives without being used, and its cookie with it: the option `cookie.maxAge`.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.rules.cookie.original_max_age = Some(max_age.as_millis() as f64);
        self
    }

    /// The option `cookie.secure`.
    pub fn secure(mut self, secure: ExpressSecure) -> Self {
        self.rules.secure = secure;
        self
    }

    /// The option `cookie.sameSite`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.rules.cookie.same_site = Some(SameSiteSetting::Is(same_site));
        self
    }

    /// The option `cookie.sameSite: "auto"`: `None` over https, else `Lax`.
    pub fn same_site_auto(mut self) -> Self {
        self.rules.same_site_auto = true;
        self
    }

    /// The option `cookie.domain`. A leading dot stays as it is.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.rules.cookie.domain = Some(domain.into());
        self
    }

    /// The option `cookie.path`. Unlike in Express, requests elsewhere have sessions too, if they bring the cookie.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.rules.cookie.path = Some(path.into());
        self
    }

    /// The option `cookie.httpOnly: false`: scripts read the session's cookie, and so does every script injected.
    pub fn insecure_readable_by_scripts(mut self) -> Self {
        self.rules.cookie.http_only = false;
        self
    }

    /// The option `cookie.partitioned`.
    pub fn partitioned(mut self, yes: bool) -> Self {
        self.rules.cookie.partitioned = Some(yes);
        self
    }

    /// The option `cookie.priority`.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.rules.cookie.priority = Some(priority);
        self
    }

    /// Makes the ids: the option `genid`. Whoever guesses one still needs the secret.
    pub fn generate_id(mut self, generate: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.rules.generate = Arc::new(generate);
        self
    }

    /// Stores sessions with every request, changed or not, asked for or not: the option `resave`.
    pub fn resave(mut self, yes: bool) -> Self {
        self.rules.resave = yes;
        self
    }

    /// Begins a session for every visitor: the option `saveUninitialized`.
    pub fn save_uninitialized(mut self, yes: bool) -> Self {
        self.rules.save_uninitialized = yes;
        self
    }

    /// Sets the cookie anew with every response, also where nothing has asked for the session: the option `rolling`.
    pub fn rolling(mut self, yes: bool) -> Self {
        self.rules.rolling = yes;
        self
    }

    /// Names the value that tells who has logged in, such as `user`, a text or a number: [`Session::user`] and
    /// [`LoggedIn`](crate::LoggedIn) read it, and [`Session::set_user`] writes it. By default nobody has.
    ///
    /// [`Session::user`]: crate::Session::user
    /// [`Session::set_user`]: crate::Session::set_user
    pub fn user_key(mut self, key: impl Into<String>) -> Self {
        self.rules.user_key = Some(key.into());
        self
    }

    /// Sets a second cookie for scripts to read, as [`SessionLayerBuilder::companion_cookie`] does: for pages that use
    /// the [`SessionApi`](crate::SessionApi) or carry CSRF tokens. It is `Secure` in any case. Express takes no notice
    /// of it.
    pub fn companion_cookie(mut self, yes: bool) -> Self {
        self.layer = self.layer.companion_cookie(yes);
        self
    }

    /// Believes the first item of `X-Forwarded-Proto`: the option `proxy: true`. Only behind a proxy that writes the
    /// header itself.
    pub fn trust_forwarded_proto(mut self) -> Self {
        self.layer = self.layer.trust_forwarded_proto();
        self
    }

    /// Takes every connection for https, as [`SessionLayerBuilder::assume_https`] does.
    pub fn assume_https(mut self) -> Self {
        self.layer = self.layer.assume_https();
        self
    }

    /// How the requests of one session share it, among twinjar servers. Express takes no turns.
    pub fn locking(mut self, locking: Locking) -> Self {
        self.layer = self.layer.locking(locking);
        self
    }

    /// How long a request waits for its turn before it is answered 503.
    pub fn lock_wait(mut self, wait: Duration) -> Self {
        self.layer = self.layer.lock_wait(wait);
        self
    }

    /// The largest size that a request may make a session's data, in bytes of JSON.
    pub fn max_data_bytes(mut self, bytes: usize) -> Self {
        self.layer = self.layer.max_data_bytes(bytes);
        self
    }

    /// Hands what happens to sessions to an audit log.
    pub fn events(mut self, events: impl SessionEvents) -> Self {
        self.layer = self.layer.events(events);
        self
    }

    /// Reads the time elsewhere.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.layer = self.layer.clock(clock);
        self
    }

    /// Checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`]: the cookie is one that browsers drop.
    pub fn build(self) -> Result<SessionLayer, ConfigError> {
        let Self { rules, layer } = self;
        let cookie = rules.as_native();
        // It keeps the layer from letting requests pass that have not asked for their session.
        let looks_unasked = rules.acts_unasked();
        let names = Names::new(&rules.name, &rules.keys);
        let sessions = Sessions { rules, names };
        layer.cookie(cookie).save_uninitialized(looks_unasked).foreign(Box::new(sessions)).build()
    }
}

impl SessionLayerBuilder {
    /// Takes over the sessions of an Express application, each when it is first seen.
    pub fn adopt_express(self, adoption: AdoptExpress) -> Self {
        self.adopter(Box::new(adoption))
    }
}

impl Rules {
    /// The same cookie as a native layer has it, which checks what browsers keep.
    fn as_native(&self) -> SessionCookie {
        let settings = &self.cookie;
        let mut cookie = SessionCookie::new().name(&self.name).security(match self.secure {
            ExpressSecure::InsecureUnset => CookieSecurity::InsecureAlways,
            ExpressSecure::Always => CookieSecurity::Always,
            ExpressSecure::Auto => CookieSecurity::InsecureOverHttp,
        });
        if let Some(domain) = &settings.domain {
            // A browser passes over the dot; it is Express' manner to keep it.
            cookie = cookie.domain(domain.strip_prefix('.').unwrap_or(domain));
        }
        if let Some(path) = &settings.path {
            cookie = cookie.path(path);
        }
        if let Some(SameSiteSetting::Is(same_site)) = settings.same_site {
            cookie = cookie.same_site(same_site);
        }
        if settings.partitioned == Some(true) { cookie.partitioned() } else { cookie }
    }
}

impl fmt::Debug for ExpressCompat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules { name, cookie, secure, resave, save_uninitialized, rolling, .. } = &self.rules;
        f.debug_struct("ExpressCompat")
            .field("name", name)
            .field("cookie", cookie)
            .field("secure", secure)
            .field("resave", resave)
            .field("save_uninitialized", save_uninitialized)
            .field("rolling", rolling)
            .finish_non_exhaustive()
    }
}
