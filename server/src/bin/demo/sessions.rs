//! Where the demo keeps its sessions: in twinjar's own format, or in Express' beside an Express application.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use twinjar_server::express::{ConnectPgSimple, ConnectRedis, ExpressCompat, ExpressSecure, ExpressStore};
use twinjar_server::store::{SessionStore, StoreError, StoreUrl};
use twinjar_server::{SameSite, Secrets, SessionCookie, SessionLayer};

use crate::cli::Options;
use crate::metrics::Metrics;
use crate::store;

const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);

/// A store, and the format of what it keeps.
#[derive(Clone)]
pub(crate) enum Sessions {
    Native(Arc<dyn SessionStore>),
    Express(Arc<dyn ExpressStore>),
}

impl Sessions {
    pub(crate) async fn open(url: &StoreUrl, options: &Options) -> Result<Self> {
        if !options.express_compat {
            return Ok(Self::Native(store::open(url).await?));
        }
        if options.secret_file.is_none() {
            bail!(
                "--express-compat needs the secrets of the Express application, one a line, in a file named with --secret-file"
            );
        }
        if options.absolute.is_some() {
            bail!("--express-compat has no --absolute: Express' format has no room for such a limit");
        }
        let cannot_open = || format!("cannot open {url}");
        Ok(Self::Express(if let Some(address) = url.redis() {
            let opening = ConnectRedis::builder().ttl(options.idle).connect(address.clone());
            Arc::new(opening.await.with_context(cannot_open)?)
        } else if let Some(address) = url.postgres() {
            let opening = ConnectPgSimple::builder().ttl(options.idle).connect(address.clone());
            Arc::new(opening.await.with_context(cannot_open)?)
        } else {
            bail!(
                "--express-compat shares the sessions of an Express application: name its Redis or PostgreSQL with --store"
            )
        }))
    }

    /// The name of the cookie that carries the secret id.
    pub(crate) const fn cookie(&self) -> &'static str {
        match self {
            Self::Native(_) => "__Host-id",
            Self::Express(_) => "connect.sid",
        }
    }

    pub(crate) fn layer(
        &self,
        secrets: &Secrets,
        counts: Metrics,
        options: &Options,
    ) -> Result<SessionLayer> {
        Ok(match self {
            Self::Native(store) => {
                let builder = SessionLayer::builder(Arc::clone(store), secrets)
                    .cookie(SessionCookie::new().name(self.cookie()))
                    .companion_cookie(true)
                    .events(counts)
                    .idle_timeout(options.idle)
                    .absolute_timeout(options.absolute.unwrap_or(ABSOLUTE));
                if options.trust_proxy { builder.trust_forwarded_proto() } else { builder }.build()?
            }
            Self::Express(store) => {
                let compat = ExpressCompat::new(Arc::clone(store), secrets)
                    .name(self.cookie())
                    .user_key("user")
                    .secure(ExpressSecure::Auto)
                    .same_site(SameSite::Lax)
                    .companion_cookie(true)
                    .events(counts);
                if options.trust_proxy { compat.trust_forwarded_proto() } else { compat }.build()?
            }
        })
    }

    /// Whether the store answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        match self {
            Self::Native(store) => store.ping().await,
            Self::Express(store) => store.ping().await,
        }
    }
}
