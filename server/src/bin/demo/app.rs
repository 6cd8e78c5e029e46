//! The routes of the demo server.

use std::collections::BTreeMap;

use anyhow::Result;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;
use twinjar_server::{CsrfLayer, Secrets, Session, SessionApi, SessionError, SessionKey, SessionLayer};
use twinjar_shared::session::{Problem, ProblemCode};
use utoipa::ToSchema;

use crate::cli::Options;
use crate::metrics::Metrics;
use crate::sessions::Sessions;
use crate::{assets, echo, limits, login, metrics, openapi, page, wire};

/// The session values that the page may see and write.
const CART: SessionKey<BTreeMap<String, Value>> = SessionKey::new("cart").max_bytes(8 * 1024);
const NOTE: SessionKey<String> = SessionKey::new("note").max_bytes(1024);
const COUNT: SessionKey<i64> = SessionKey::new("count");
/// What the list of devices calls this session.
pub(crate) const LABEL: SessionKey<String> = SessionKey::new("label").max_bytes(128);

/// The demo, ready to be served.
pub(crate) struct App {
    pub(crate) router: Router,
    /// What is served at `--metrics-listen`.
    pub(crate) metrics: Router,
    pub(crate) sessions: SessionLayer,
}

pub(crate) fn app(store: Sessions, secrets: &Secrets, options: &Options) -> Result<App> {
    let (counts, cookie) = (Metrics::new(), store.cookie());
    let sessions = store.layer(secrets, counts.clone(), options)?;
    let metrics = Router::new().route("/metrics", get(metrics::show)).with_state(counts.clone());
    let api = SessionApi::new().read_write(CART).read_write(NOTE).read_write(COUNT).read_write(LABEL);
    let api = api.device_label(&LABEL);
    let description = openapi::document(&api, cookie)?;
    let files = Router::new()
        .route("/", get(page::serve))
        .route("/index.html", get(page::serve))
        .with_state(cookie)
        .fallback(assets::serve)
        .method_not_allowed_fallback(limits::method_not_allowed);
    let mut router = Router::new()
        .nest("/api/session", api.router())
        .route("/api/echo", get(echo::echo).with_state(cookie))
        .route("/api/count", post(count))
        .merge(login::router())
        .layer(CsrfLayer::new())
        .layer(sessions.clone())
        .layer(from_fn(move |request: Request, next: Next| wire::show(cookie, request, next)))
        .route("/healthz", get(openapi::health))
        .route("/readyz", get(ready).with_state(store))
        .route("/openapi.json", get(move || async move { description }))
        // Of the files alone: nothing that holds a secret is compressed beside what a visitor chose.
        .fallback_service(files.layer(CompressionLayer::new()));
    if options.metrics_listen.is_none() {
        router = router.merge(metrics.clone());
    }
    let router = router
        .method_not_allowed_fallback(limits::method_not_allowed)
        .layer(from_fn(limits::keep))
        .layer(from_fn_with_state(counts, metrics::measure))
        .layer(map_response(add_security_headers));
    Ok(App { router, metrics, sessions })
}

/// How often a visitor has clicked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Count {
    count: i64,
}

/// Counts one more, however many requests ask for it at once.
#[utoipa::path(
    post, path = "/api/count", operation_id = "count", tag = "demo",
    responses((status = 200, description = "The number of this click", body = Count)),
)]
pub(crate) async fn count(session: Session) -> Result<Json<Count>, SessionError> {
    let count = session.update(COUNT, |count| count.unwrap_or(0).wrapping_add(1)).await?;
    Ok(Json(Count { count }))
}

/// Whether the store of the sessions answers.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "operation",
    responses((status = 200, description = "The store answers", body = Value)),
)]
pub(crate) async fn ready(State(store): State<Sessions>) -> Response {
    match store.ping().await {
        Ok(()) => Json(json!({ "ok": true })).into_response(),
        Err(error) => limits::problem(&Problem::new(ProblemCode::StoreUnavailable, format!("{error}."))),
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
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
