//! The options of express-session and its stores that are told in one JSON object, by Express' names for them.

use std::error::Error;
use std::time::Duration;

use serde::Deserialize;
use twinjar_server::SameSite;
use twinjar_server::express::{
    ConnectPgSimpleBuilder, ConnectRedisBuilder, ExpressCompat, ExpressSecure, Priority,
};

/// What `OPTIONS` holds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Options {
    cookie: CookieOptions,
    disable_touch: bool,
    #[serde(rename = "disableTTL")]
    disable_ttl: bool,
    /// In seconds.
    ttl: Option<u64>,
    schema_name: Option<String>,
    table_name: Option<String>,
    /// In seconds.
    prune_session_interval: Option<f64>,
    /// What all ids begin with.
    genid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct CookieOptions {
    domain: Option<String>,
    http_only: Option<bool>,
    partitioned: Option<bool>,
    path: Option<String>,
    priority: Option<String>,
    same_site: Option<String>,
    secure: Option<Secure>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Secure {
    Always(bool),
    Auto(String),
}

impl Options {
    pub(super) fn read() -> Result<Self, Box<dyn Error>> {
        match std::env::var("OPTIONS") {
            Ok(text) => serde_json::from_str(&text).map_err(|error| format!("OPTIONS: {error}").into()),
            Err(_) => Ok(Self::default()),
        }
    }

    pub(super) fn of_redis(&self, mut store: ConnectRedisBuilder) -> ConnectRedisBuilder {
        if let Some(ttl) = self.ttl {
            store = store.ttl(Duration::from_secs(ttl));
        }
        if self.disable_touch {
            store = store.disable_touch();
        }
        if self.disable_ttl { store.disable_ttl() } else { store }
    }

    pub(super) fn of_postgres(&self, mut store: ConnectPgSimpleBuilder) -> ConnectPgSimpleBuilder {
        if let Some(ttl) = self.ttl {
            store = store.ttl(Duration::from_secs(ttl));
        }
        if let Some(name) = &self.schema_name {
            store = store.schema_name(name.as_str());
        }
        if let Some(name) = &self.table_name {
            store = store.table_name(name);
        }
        if let Some(seconds) = self.prune_session_interval {
            store = store.prune_session_interval(Some(Duration::from_secs_f64(seconds)));
        }
        if self.disable_touch { store.disable_touch() } else { store }
    }

    pub(super) fn of_layer(&self, mut layer: ExpressCompat) -> Result<ExpressCompat, Box<dyn Error>> {
        let cookie = &self.cookie;
        if let Some(prefix) = self.genid.clone() {
            let count = std::sync::atomic::AtomicU64::new(0);
            let next = move || count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            layer = layer.generate_id(move || format!("{prefix}{}", next()));
        }
        if let Some(domain) = &cookie.domain {
            layer = layer.domain(domain);
        }
        if let Some(path) = &cookie.path {
            layer = layer.path(path);
        }
        if cookie.http_only == Some(false) {
            layer = layer.insecure_readable_by_scripts();
        }
        if let Some(yes) = cookie.partitioned {
            layer = layer.partitioned(yes);
        }
        layer = match cookie.priority.as_deref() {
            None => layer,
            Some("low") => layer.priority(Priority::Low),
            Some("medium") => layer.priority(Priority::Medium),
            Some("high") => layer.priority(Priority::High),
            Some(other) => return Err(format!("no priority: {other}").into()),
        };
        layer = match cookie.same_site.as_deref() {
            None => layer,
            Some("auto") => layer.same_site_auto(),
            Some("strict") => layer.same_site(SameSite::Strict),
            Some("lax") => layer.same_site(SameSite::Lax),
            Some("none") => layer.same_site(SameSite::None),
            Some(other) => return Err(format!("no sameSite: {other}").into()),
        };
        Ok(match &cookie.secure {
            None => layer,
            Some(Secure::Always(true)) => layer.secure(ExpressSecure::Always),
            Some(Secure::Always(false)) => layer.secure(ExpressSecure::InsecureUnset),
            Some(Secure::Auto(word)) if word == "auto" => layer.secure(ExpressSecure::Auto),
            Some(Secure::Auto(other)) => return Err(format!("secure is not {other}").into()),
        })
    }
}
