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
use crate::session::{CookieChange, State};

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
}

impl Rules {
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
    pub(super) fn cookie_line(&self, state: &State, found: &Found) -> Option<HeaderValue> {
        let name = CookieName::new(&self.name).ok()?;
        let line = match state.cookie {
            CookieChange::Keep => return None,
            CookieChange::Clear => found.settings.removal(name),
            CookieChange::Set(_) => {
                let value = self.keys.sign_cookie(found.id.as_str());
                found.settings.set_cookie(name, value, found.expires_at)
            }
        };
        if found.settings.secure == Some(true) && !state.https {
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
}
