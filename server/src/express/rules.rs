//! What is set on Express mode, and the cookie that follows from it.

use std::sync::Arc;

use http::HeaderValue;
use twinjar_shared::cookie::{CookieName, SameSite};
use twinjar_shared::express::{CookieSettings, SameSiteSetting};
use twinjar_shared::signature::KeyRing;

use super::ExpressSecure;
use super::found::Found;
use super::generate::Generate;
use super::store::ExpressStore;
use crate::UnixMillis;
use crate::session::{CookieChange, State};
use crate::store::{Identity, Meta, Patch, SessionData, UserId};

/// What is set on the layer.
pub(super) struct Rules {
    pub(super) store: Arc<dyn ExpressStore>,
    pub(super) keys: KeyRing,
    pub(super) name: String,
    pub(super) cookie: CookieSettings,
    pub(super) secure: ExpressSecure,
    pub(super) same_site_auto: bool,
    pub(super) generate: Generate,
    pub(super) resave: bool,
    pub(super) save_uninitialized: bool,
    pub(super) rolling: bool,
    pub(super) user_key: Option<String>,
}

impl Rules {
    /// Whether there is something to do for requests that do not ask for their session.
    pub(super) const fn acts_unasked(&self) -> bool {
        self.save_uninitialized || self.resave || self.rolling
    }

    /// The cookie of a session that begins on such a connection.
    pub(super) fn settings(&self, https: bool) -> CookieSettings {
        let mut settings = self.cookie.clone();
        settings.secure = match self.secure {
            ExpressSecure::InsecureUnset => None,
            ExpressSecure::Always => Some(true),
            ExpressSecure::Auto => Some(https),
        };
        if self.same_site_auto {
            let same_site = if https { SameSite::None } else { SameSite::Lax };
            settings.same_site = Some(SameSiteSetting::Is(same_site));
        }
        settings
    }

    /// The `Set-Cookie` line that the state asks for.
    pub(super) fn cookie_line(&self, state: &State, found: Option<&Found>) -> Option<HeaderValue> {
        if state.cookie == CookieChange::Keep {
            return None;
        }
        let name = CookieName::new(&self.name).ok()?;
        // Of a session that has ended before, nobody knows the cookie any more.
        let settings = found.map_or_else(|| self.settings(state.https), |found| found.settings.clone());
        let line = match (state.cookie, found) {
            (CookieChange::Set(_), Some(found)) => {
                let value = self.keys.sign_cookie(found.id.as_str());
                settings.set_cookie(name, value, found.expires_at)
            }
            _ => settings.removal(name),
        };
        if settings.secure == Some(true) && !state.https {
            tracing::warn!(
                "session cookie withheld: it is Secure and the request came over plain http; serve over https, or \
                 behind a proxy with trust_forwarded_proto or assume_https"
            );
            return None;
        }
        match line.map(HeaderValue::try_from) {
            Ok(Ok(mut line)) => {
                line.set_sensitive(true);
                Some(line)
            }
            _ => {
                tracing::warn!("session cookie withheld: the record's cookie settings make no cookie");
                None
            }
        }
    }

    /// Who has logged in, as the data tells it: a text or a number under the key.
    pub(super) fn identity(&self, data: &SessionData, now: UnixMillis) -> Option<Arc<Identity>> {
        let json = data.get(self.user_key.as_deref()?)?;
        let user = match json.as_bytes() {
            [b'"', ..] => serde_json::from_str(json).ok()?,
            [b'0'..=b'9', ..] => json.to_owned(),
            _ => return None,
        };
        Some(Arc::new(Identity { user: UserId::new(user), authenticated_at: now }))
    }

    /// The changes of a request, with the user who has logged in with it.
    pub(super) fn patch(&self, state: &State) -> Patch {
        let mut patch = state.patch.clone();
        let user = |meta: &Meta| meta.identity().map(|identity| identity.user.clone());
        let before = state.live().and_then(|live| user(&live.record.meta));
        let now = state.meta.as_deref().and_then(user);
        if let (Some(key), Some(user)) = (&self.user_key, now.filter(|now| before.as_ref() != Some(now))) {
            let name = serde_json::value::to_raw_value(user.as_str()).expect("a text is JSON");
            patch.set(key, name);
        }
        patch
    }
}
