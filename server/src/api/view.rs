//! The session as a whole: see it, end it, give it a new id.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::Map;
use twinjar_shared::session::{ActiveSession, ProblemCode, SessionView};

use super::SessionApi;
use super::reject::Rejection;
use crate::session::{Session, SessionError};

/// The session as the page may see it.
///
/// Without a session the answer is the same with `active: false`; none is begun, and no cookie set.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "", operation_id = "view", tag = "session",
    responses((status = 200, description = "The session, or that there is none", body = SessionView)),
))]
pub(super) async fn get(
    State(api): State<Arc<SessionApi>>,
    session: Session,
) -> Result<Json<SessionView>, Rejection> {
    Ok(Json(view(&api, &session).await?))
}

/// Destroys the session in the store, then clears its cookies.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "", operation_id = "destroy", tag = "session",
    responses((status = 204, description = "There is no session any more")),
))]
pub(super) async fn destroy(session: Session) -> Result<StatusCode, Rejection> {
    session.destroy().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the session a new id. The old one is valid until the new one has been seen.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/rotate", operation_id = "rotate", tag = "session",
    responses((status = 204, description = "The session has a new id and the same data")),
    extensions(("x-codes" = json!(["no_session", "session_gone"]))),
))]
pub(super) async fn rotate(session: Session) -> Result<StatusCode, Rejection> {
    if session.info().await?.is_none() {
        return Err(Rejection::new(ProblemCode::NoSession, "There is no session to give a new id."));
    }
    session.rotate().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a page may see.
pub(super) async fn view(api: &SessionApi, session: &Session) -> Result<SessionView, SessionError> {
    let server_time = session.now().as_millis();
    let Some(info) = session.info().await? else { return Ok(SessionView { server_time, session: None }) };
    let stored = session.data().await?;
    let mut data = Map::new();
    for key in api.keys() {
        if let Some(value) = stored.get(key).and_then(|json| serde_json::from_str(json).ok()) {
            data.insert(key.to_owned(), value);
        }
    }
    let session = ActiveSession {
        handle: info.handle.to_string(),
        revision: info.revision,
        created_at: info.created_at.as_millis(),
        last_seen_at: info.seen_at.as_millis(),
        idle_expires_at: info.idle_deadline.as_deadline(),
        absolute_expires_at: info.absolute_deadline.as_deadline().filter(|_| session.has_absolute_limit()),
        user: info.user.map(|user| user.as_str().to_owned()),
        data,
    };
    Ok(SessionView { server_time, session: Some(session) })
}
