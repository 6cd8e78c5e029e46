//! Express mode: sessions in Express' formats, on the Redis that Express uses.

use std::error::Error;
use std::time::Duration;

use twinjar_server::express::{ConnectRedis, ExpressCompat, ExpressSecure};
use twinjar_server::{Secrets, SessionLayer};

use super::{flag, locking, setting};

pub(crate) async fn session_layer(secrets: &Secrets) -> Result<SessionLayer, Box<dyn Error>> {
    let url = std::env::var("STORE").unwrap_or_default();
    let address = url.parse().map_err(|error| format!("EXPRESS=1 needs a Redis in STORE: {error}"))?;
    let mut store = ConnectRedis::builder();
    if let Ok(prefix) = std::env::var("PREFIX") {
        store = store.prefix(prefix);
    }
    if let Some(seconds) = setting("IDLE_SECONDS")? {
        store = store.ttl(Duration::from_secs(seconds));
    }
    let mut layer = ExpressCompat::new(store.connect(address).await?, secrets)
        .locking(locking()?)
        .resave(flag("RESAVE"))
        .rolling(flag("ROLLING"))
        .save_uninitialized(flag("SAVE_UNINIT"));
    if let Ok(name) = std::env::var("COOKIE_NAME") {
        layer = layer.name(name);
    }
    if let Some(ms) = setting("MAX_AGE_MS")? {
        layer = layer.max_age(Duration::from_millis(ms));
    }
    if flag("TRUST_PROXY") {
        layer = layer.secure(ExpressSecure::Auto).trust_forwarded_proto();
    }
    Ok(layer.build()?)
}
