//! `GET /api/echo`: the request as the server saw it, with the secret masked.

use axum::Json;
use axum::extract::{Request, State};
use http::header;
use serde::Serialize;
use twinjar_shared::cookie::CookieHeader;
use utoipa::ToSchema;

use crate::wire::{MASK, shown_value};

/// What the server saw.
#[derive(Serialize, ToSchema)]
pub(crate) struct Echo {
    method: String,
    path: String,
    #[schema(value_type = Vec<Vec<String>>)]
    headers: Vec<(String, String)>,
    #[schema(value_type = Vec<Vec<String>>)]
    cookies: Vec<(String, String)>,
}

/// The request as the server saw it, without the secret id.
#[utoipa::path(
    get, path = "/api/echo", operation_id = "echo", tag = "demo",
    responses((status = 200, description = "What the server saw", body = Echo)),
)]
pub(crate) async fn echo(State(secret): State<&'static str>, request: Request) -> Json<Echo> {
    let headers = request.headers();
    let cookies: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| CookieHeader::new(value.as_bytes()).pairs())
        .map(|pair| {
            let name = pair.name.as_str().unwrap_or_default().to_owned();
            // Even a page's own script must not learn the id.
            let value = if name == secret { MASK.into() } else { pair.value.decode().into_owned() };
            (name, value)
        })
        .collect();
    let headers = headers
        .iter()
        .filter(|(name, _)| **name != header::COOKIE)
        .map(|(name, value)| (name.to_string(), shown_value(name, value)))
        .collect();
    Json(Echo {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        headers,
        cookies,
    })
}
