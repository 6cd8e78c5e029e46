//! `GET /openapi.json`: every route that answers in JSON, as OpenAPI 3.1.

use axum::Json;
use axum::body::Bytes;
use http::{HeaderName, header};
use serde_json::{Value, json};
use twinjar_server::{SessionApi, describe_problems};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi as Description};

use crate::{app, echo, login};

/// What the description calls the session's cookie.
const SCHEME: &str = "session";

#[derive(OpenApi)]
#[openapi(
    paths(login::login, login::logout, login::list, echo::echo, app::count, health, app::ready),
    components(schemas(login::Credentials, echo::Echo))
)]
struct Own;

/// Whether the process is up.
#[utoipa::path(
    get, path = "/healthz", operation_id = "health", tag = "operation",
    responses((status = 200, description = "The process is up", body = Value)),
)]
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "ok": true }))
}

/// The description of this server, written once.
pub(crate) fn document(
    sessions: &SessionApi,
    cookie: &str,
) -> serde_json::Result<([(HeaderName, &'static str); 1], Bytes)> {
    Ok(([(header::CONTENT_TYPE, "application/json")], describe(sessions, cookie).to_json()?.into()))
}

fn describe(sessions: &SessionApi, cookie: &str) -> Description {
    let mut own = Own::openapi();
    describe_problems(&mut own);
    let mut api = sessions.openapi("/api/session");
    api.merge(own);
    api.info = InfoBuilder::new()
        .title("twinjar-server")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(format!(
            "The session API and the demo's own routes. The session travels in the cookie `{cookie}` alone. Requests \
             that change something carry the token of the readable cookie `__Host-session-state` (its second field) in \
             `X-CSRF-Token`; without a session they must come from this server's own pages, or be such that a browser \
             would ask before it sends them from elsewhere. Every refusal is a problem document (RFC 9457) with a \
             stable code.",
        )))
        .build();
    let key =
        ApiKeyValue::with_description(cookie, "The session's secret id; the first write or a login sets it.");
    let components = api.components.get_or_insert_default();
    components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(ApiKey::Cookie(key)));
    // A visitor without a session is answered as well.
    let needs_nothing = SecurityRequirement::default();
    api.security = Some(vec![needs_nothing, SecurityRequirement::new::<_, _, &str>(SCHEME, [])]);
    api
}
