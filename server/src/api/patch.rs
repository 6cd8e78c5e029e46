//! Several changes at once, all or nothing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use twinjar_shared::session::{Access, PatchError, ProblemCode, SessionPatch, SessionView};

use super::SessionApi;
use super::precondition::{Precondition, save_or_discard};
use super::reject::{Rejection, whole_body};
use super::view::view;
use crate::session::Session;
use crate::store::JsonText;

/// Attempts before a patch without `If-Match` gives up on a session that never holds still.
const ATTEMPTS: usize = 16;

/// Changes several values: all of them, or none.
#[cfg_attr(feature = "openapi", utoipa::path(
    patch, path = "/data", params(super::openapi::IfMatch), operation_id = "patch", tag = "data",
    request_body(
        description = "A merge patch (RFC 7396) or a JSON patch (RFC 6902) of the exposed values",
        content(
            (serde_json::Map<String, serde_json::Value> = "application/merge-patch+json"),
            (Vec<super::openapi::PatchOperation> = "application/json-patch+json"),
        ),
    ),
    responses((status = 200, description = "The session after the change", body = SessionView)),
    extensions(("x-codes" = json!([
        "malformed_if_match", "malformed_json", "malformed_patch", "key_not_exposed", "key_read_only",
        "patch_failed", "session_gone", "revision_conflict", "value_too_large", "unsupported_media_type",
        "value_rejected",
    ]))),
))]
pub(super) async fn patch(
    State(api): State<Arc<SessionApi>>,
    session: Session,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SessionView>, Rejection> {
    let precondition = Precondition::of(&headers)?;
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let patch = SessionPatch::parse(content_type, &whole_body(body)?)?;
    for (key, access) in patch.accesses() {
        match access {
            Access::Read => api.readable(&key)?,
            Access::Write => api.writable(&key)?,
        };
    }
    for _ in 0..ATTEMPTS {
        let revision = session.info().await?.map(|info| info.revision);
        if matches!(precondition, Precondition::Revision(expected) if revision != Some(expected))
            || (precondition == Precondition::Exists && revision.is_none())
        {
            return Err(precondition.failed());
        }
        change(&api, &session, &patch).await?;
        let saved = match revision {
            // What the patch tests and what it changes must be of one revision.
            Some(revision) => session.save_if(revision).await?,
            None => save_or_discard(&session).await?,
        };
        if saved {
            return Ok(Json(view(&api, &session).await?));
        }
        session.reload().await?;
    }
    Err(precondition.failed())
}

/// Sets and removes what the patch changes of the values that it names.
async fn change(api: &SessionApi, session: &Session, patch: &SessionPatch) -> Result<(), Rejection> {
    let mut before = Map::new();
    for (key, _) in patch.accesses() {
        if let Some(json) = session.get_json(&key).await? {
            before.insert(key, serde_json::from_str(&json).unwrap_or(Value::Null));
        }
    }
    let mut after = before.clone();
    patch.apply(&mut after, api.max_body_bytes)?;
    let changed: Vec<_> = after.iter().filter(|(key, value)| before.get(*key) != Some(value)).collect();
    let mut texts = Vec::with_capacity(changed.len());
    for (key, value) in changed {
        let text = JsonText::of(value).expect("a JSON value is written as JSON");
        api.writable(key)?.accepts(text.as_str())?;
        texts.push((key, text));
    }
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    session
        .change(|changes| {
            removed.for_each(|key| changes.remove(key));
            texts.into_iter().for_each(|(key, text)| changes.set(key, text));
        })
        .await?;
    Ok(())
}

impl From<PatchError> for Rejection {
    fn from(error: PatchError) -> Self {
        Self::new(ProblemCode::from(error), error.message())
    }
}
