//! `POST /api/login`, `POST /api/logout`, and the accounts that one can try them with.

use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use twinjar_server::store::UserId;
use twinjar_server::{Session, SessionError};
use twinjar_shared::session::{Problem, ProblemCode};

use crate::accounts::{self, ACCOUNTS};
use crate::app::LABEL;
use crate::device;

const MAX_BODY_BYTES: usize = 4 * 1024;

/// To be put inside the CSRF guard and the session layer.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/login", post(login).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
        .route("/api/logout", post(logout))
        .route("/api/accounts", get(list))
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

/// 204; the session, begun if there is none, has a new id and a user.
async fn login(
    session: Session,
    headers: HeaderMap,
    credentials: Result<Json<Credentials>, JsonRejection>,
) -> Result<StatusCode, Response> {
    let Json(Credentials { username, password }) = credentials.map_err(|rejection| malformed(&rejection))?;
    let Some(account) = accounts::verify(username, password).await else {
        let detail = "User name or password is wrong.";
        return Err(problem(&Problem::new(ProblemCode::InvalidCredentials, detail)));
    };
    begin(&session, account.username, &headers).await.map_err(IntoResponse::into_response)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A device that was given a name keeps it.
async fn begin(session: &Session, username: &str, headers: &HeaderMap) -> Result<(), SessionError> {
    session.set_user(UserId::new(username)).await?;
    match device::label(headers) {
        Some(label) if session.get(LABEL).await?.is_none() => session.insert(LABEL, label).await,
        _ => Ok(()),
    }
}

/// 204, with or without a session.
async fn logout(session: Session) -> Result<StatusCode, SessionError> {
    session.destroy().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list() -> Response {
    let accounts =
        ACCOUNTS.map(|account| json!({ "username": account.username, "password": account.password }));
    Json(accounts).into_response()
}

fn malformed(rejection: &JsonRejection) -> Response {
    let code = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::ValueTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::UnsupportedMediaType,
        _ => ProblemCode::MalformedJson,
    };
    // What was sent is not repeated: it may be a password.
    problem(&Problem::new(code, r#"Send {"username": "...", "password": "..."} as application/json."#))
}

fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], Json(problem)).into_response()
}
