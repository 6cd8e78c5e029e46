//! Express mode: sessions in Express' formats, in the store that Express uses.

use std::error::Error;
use std::time::Duration;

use twinjar_server::express::{
    AdoptExpress, ConnectPgSimple, ConnectRedis, ConnectRedisBuilder, ExpressCompat, ExpressSecure,
    ExpressStore,
};
use twinjar_server::store::{PostgresAddress, SessionData, UserId};
use twinjar_server::{Secrets, SessionLayer, UnixMillis};

use super::options::Options;
use super::{flag, locking, setting};

/// Takes over the sessions of the Express application that keeps them in the Redis or PostgreSQL of `ADOPT`.
pub(crate) async fn adoption(secrets: &Secrets) -> Result<Option<AdoptExpress>, Box<dyn Error>> {
    let Ok(url) = std::env::var("ADOPT") else { return Ok(None) };
    Ok(Some(match url.parse::<PostgresAddress>() {
        Ok(address) => adopt(ConnectPgSimple::connect(address).await?, secrets)?,
        Err(_) => adopt(store().connect(url.parse()?).await?, secrets)?,
    }))
}

fn adopt(store: impl ExpressStore, secrets: &Secrets) -> Result<AdoptExpress, Box<dyn Error>> {
    let until = UnixMillis::new(setting("ADOPT_UNTIL")?.unwrap_or(u64::MAX));
    let user =
        |data: &SessionData| Some(UserId::new(serde_json::from_str::<String>(data.get("user")?).ok()?));
    Ok(AdoptExpress::new(store, secrets, until).user(user))
}

pub(crate) async fn session_layer(secrets: &Secrets) -> Result<SessionLayer, Box<dyn Error>> {
    let (url, options) = (std::env::var("STORE").unwrap_or_default(), Options::read()?);
    let idle = setting("IDLE_SECONDS")?.map(Duration::from_secs);
    if let Ok(address) = url.parse::<PostgresAddress>() {
        let mut store = ConnectPgSimple::builder().create_table_if_missing(true);
        if let Some(idle) = idle {
            store = store.ttl(idle);
        }
        return layer(options.of_postgres(store).connect(address).await?, secrets, &options);
    }
    let address = url.parse().map_err(|error| format!("EXPRESS=1 needs a Redis in STORE: {error}"))?;
    let mut store = store();
    if let Some(idle) = idle {
        store = store.ttl(idle);
    }
    layer(options.of_redis(store).connect(address).await?, secrets, &options)
}

fn layer(
    store: impl ExpressStore,
    secrets: &Secrets,
    options: &Options,
) -> Result<SessionLayer, Box<dyn Error>> {
    let mut layer = ExpressCompat::new(store, secrets)
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
    if let Ok(key) = std::env::var("USER_KEY") {
        layer = layer.user_key(key);
    }
    if flag("TRUST_PROXY") {
        layer = layer.secure(ExpressSecure::Auto).trust_forwarded_proto();
    }
    Ok(options.of_layer(layer)?.build()?)
}

fn store() -> ConnectRedisBuilder {
    match std::env::var("PREFIX") {
        Ok(prefix) => ConnectRedis::builder().prefix(prefix),
        Err(_) => ConnectRedis::builder(),
    }
}
