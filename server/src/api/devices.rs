//! The user's sessions on all devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use twinjar_shared::session::{Device, ProblemCode, Revoked};

use super::SessionApi;
use super::reject::Rejection;
use super::segment::Segment;
use crate::Handle;
use crate::session::Session;
use crate::store::Record;

/// The sessions of the user, this one first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/devices", operation_id = "devices", tag = "devices",
    responses((status = 200, description = "The sessions", body = Vec<Device>)),
    extensions(("x-codes" = json!(["sign_in_required", "not_supported"]))),
))]
pub(super) async fn list(
    State(api): State<Arc<SessionApi>>,
    session: Session,
) -> Result<Json<Vec<Device>>, Rejection> {
    let records = session.records_of_user().await?.ok_or_else(sign_in_required)?;
    // By its handle: the session may have left the list since it was read.
    let own = session.info().await?.map(|info| info.handle);
    let devices = records.iter().map(|record| Device {
        handle: record.meta.handle.to_string(),
        created_at: record.meta.created_at.as_millis(),
        last_seen_at: record.seen_at.as_millis(),
        label: api.label_of(record),
        current: own == Some(record.meta.handle),
    });
    Ok(Json(devices.collect()))
}

impl SessionApi {
    /// What is no text is no label.
    fn label_of(&self, record: &Record) -> Option<String> {
        let json = record.data.get(self.label.as_deref()?)?;
        serde_json::from_str(json).ok()
    }
}

/// Ends one of the user's sessions.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/devices/{handle}", operation_id = "revoke", tag = "devices",
    params(("handle" = String, Path, description = "The session's public name")),
    responses((status = 204, description = "The session is ended")),
    extensions(("x-codes" = json!(["sign_in_required", "device_not_found", "not_supported"]))),
))]
pub(super) async fn revoke(session: Session, Segment(handle): Segment) -> Result<StatusCode, Rejection> {
    if session.user().await?.is_none() {
        return Err(sign_in_required());
    }
    let ended = match handle.parse::<Handle>() {
        Ok(handle) => session.end_session_of_user(handle).await?,
        Err(_) => false,
    };
    if ended {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Rejection::new(ProblemCode::DeviceNotFound, "The user has no session with this handle."))
}

/// Ends all sessions of the user but this one.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/devices/revoke-others", operation_id = "revokeOthers", tag = "devices",
    responses((status = 200, description = "How many were ended", body = Revoked)),
    extensions(("x-codes" = json!(["sign_in_required", "not_supported"]))),
))]
pub(super) async fn revoke_others(session: Session) -> Result<Json<Revoked>, Rejection> {
    if session.user().await?.is_none() {
        return Err(sign_in_required());
    }
    Ok(Json(Revoked { revoked: session.end_other_sessions_of_user().await? }))
}

fn sign_in_required() -> Rejection {
    Rejection::new(ProblemCode::SignInRequired, "Log in to see the sessions of a user.")
}
