//! Single values of the session.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::value::RawValue;
use twinjar_shared::session::ProblemCode;

use super::SessionApi;
use super::precondition::{Precondition, etag};
use super::reject::{Rejection, json_body};
use super::segment::Segment;
use crate::session::Session;

/// A value of the session.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/data/{key}", params(super::openapi::KeyParam), operation_id = "read", tag = "data",
    responses((status = 200, description = "The value", body = serde_json::Value, headers(("ETag" = String)))),
    extensions(("x-codes" = json!(["malformed_request", "key_not_exposed", "key_not_found"]))),
))]
pub(super) async fn get(
    State(api): State<Arc<SessionApi>>,
    session: Session,
    Segment(key): Segment,
) -> Result<Response, Rejection> {
    api.readable(&key)?;
    let found = session.get_json(&key).await?.zip(session.info().await?);
    let Some((json, info)) = found else {
        return Err(Rejection::new(ProblemCode::KeyNotFound, format!("The session has no value {key:?}.")));
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::ETAG, etag(info.revision)),
    ];
    Ok((headers, json).into_response())
}

/// Sets a value; a session begins if there is none.
#[cfg_attr(feature = "openapi", utoipa::path(
    put, path = "/data/{key}", params(super::openapi::KeyParam, super::openapi::IfMatch), operation_id = "write", tag = "data",
    request_body(content = serde_json::Value, description = "The value, of the type that its key has"),
    responses((status = 204, description = "The value is set", headers(("ETag" = String)))),
    extensions(("x-codes" = json!([
        "malformed_if_match", "malformed_json", "key_not_exposed", "key_read_only", "session_gone",
        "revision_conflict", "value_too_large", "unsupported_media_type", "value_rejected",
    ]))),
))]
pub(super) async fn put(
    State(api): State<Arc<SessionApi>>,
    session: Session,
    Segment(key): Segment,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Rejection> {
    let exposed = api.writable(&key)?;
    let precondition = Precondition::of(&headers)?;
    let body = json_body(&headers, body)?;
    let value: &RawValue = serde_json::from_slice(&body).map_err(|error| {
        Rejection::new(ProblemCode::MalformedJson, format!("The body is not JSON: {error}."))
    })?;
    exposed.accepts(value.get())?;
    session.insert(&*key, value).await?;
    precondition.save(&session).await?;
    Ok(no_content_at_revision(&session).await?)
}

/// Removes a value, if it is there.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/data/{key}", params(super::openapi::KeyParam, super::openapi::IfMatch), operation_id = "remove", tag = "data",
    responses((status = 204, description = "There is no such value any more", headers(("ETag" = String)))),
    extensions(("x-codes" = json!([
        "malformed_if_match", "key_not_exposed", "key_read_only", "session_gone", "revision_conflict",
    ]))),
))]
pub(super) async fn delete(
    State(api): State<Arc<SessionApi>>,
    session: Session,
    Segment(key): Segment,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    api.writable(&key)?;
    let precondition = Precondition::of(&headers)?;
    let present = session.get_json(&key).await?.is_some();
    // Deleting what is not there changes nothing, unless the request is about a certain revision.
    if present || precondition != Precondition::None {
        session.remove(&key).await?;
        precondition.save(&session).await?;
    }
    Ok(no_content_at_revision(&session).await?)
}

async fn no_content_at_revision(session: &Session) -> Result<Response, crate::SessionError> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(info) = session.info().await? {
        response.headers_mut().insert(header::ETAG, etag(info.revision));
    }
    Ok(response)
}
