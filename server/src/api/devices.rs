//! The user's sessions on all devices.

use axum::Json;
use axum::extract::Path;
use http::StatusCode;
use twinjar_shared::session::{Device, ProblemCode, Revoked};

use super::reject::Rejection;
use crate::Handle;
use crate::session::Session;

pub(super) async fn list(session: Session) -> Result<Json<Vec<Device>>, Rejection> {
    let sessions = session.sessions_of_user().await?.ok_or_else(sign_in_required)?;
    let devices = sessions.into_iter().enumerate().map(|(position, info)| Device {
        handle: info.handle.to_string(),
        created_at: info.created_at.as_millis(),
        last_seen_at: info.seen_at.as_millis(),
        label: None,
        current: position == 0,
    });
    Ok(Json(devices.collect()))
}

pub(super) async fn revoke(session: Session, Path(handle): Path<String>) -> Result<StatusCode, Rejection> {
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

pub(super) async fn revoke_others(session: Session) -> Result<Json<Revoked>, Rejection> {
    if session.user().await?.is_none() {
        return Err(sign_in_required());
    }
    Ok(Json(Revoked { revoked: session.end_other_sessions_of_user().await? }))
}

fn sign_in_required() -> Rejection {
    Rejection::new(ProblemCode::SignInRequired, "Log in to see the sessions of a user.")
}
