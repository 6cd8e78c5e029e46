//! The routes of the demo server.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::Request;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use twinjar_server::store::SessionStore;
use twinjar_server::{CsrfLayer, Secrets, SessionApi, SessionCookie, SessionKey, SessionLayer};

use crate::cli::Options;
use crate::{assets, echo};

const SESSION_COOKIE: &str = "__Host-id";

/// The session values that the page may see and write.
const CART: SessionKey<BTreeMap<String, Value>> = SessionKey::new("cart").max_bytes(8 * 1024);
const NOTE: SessionKey<String> = SessionKey::new("note").max_bytes(1024);
const COUNT: SessionKey<i64> = SessionKey::new("count");

pub(crate) fn router(store: Arc<dyn SessionStore>, options: &Options) -> Result<Router> {
    let sessions = session_layer(Arc::clone(&store), options)?;
    let api = SessionApi::new().read_write(CART).read_write(NOTE).read_write(COUNT);
    let app = Router::new()
        .nest("/api/session", api.router())
        .route("/api/echo", get(|request: Request| echo::echo(SESSION_COOKIE, request)))
        .layer(CsrfLayer::new())
        .layer(sessions)
        .route("/healthz", get(|| async { Json(json!({ "ok": true })) }))
        .route("/readyz", get(move || ready(store)))
        .fallback(assets::serve)
        .layer(map_response(add_security_headers));
    Ok(app)
}

fn session_layer(store: Arc<dyn SessionStore>, options: &Options) -> Result<SessionLayer> {
    let mut builder = SessionLayer::builder(store, &secrets(options)?)
        .cookie(SessionCookie::new().name(SESSION_COOKIE))
        .companion_cookie(true)
        .idle_timeout(options.idle)
        .absolute_timeout(options.absolute);
    if options.trust_proxy {
        builder = builder.trust_forwarded_proto();
    }
    Ok(builder.build()?)
}

fn secrets(options: &Options) -> Result<Secrets> {
    let Some(file) = &options.secret_file else { return Ok(Secrets::random()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Secrets::new(lines).with_context(|| format!("the secrets in {}", file.display()))
}

async fn ready(store: Arc<dyn SessionStore>) -> Response {
    match store.ping().await {
        Ok(()) => Json(json!({ "ok": true })).into_response(),
        Err(error) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ok": false, "error": error.to_string() })))
                .into_response()
        }
    }
}

async fn add_security_headers(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
        img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
