//! `POST /api/login`, `POST /api/logout`, and the accounts that one can try them with.

use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use twinjar_server::store::UserId;
use twinjar_server::{Session, SessionError};
use twinjar_shared::session::{Problem, ProblemCode};

use utoipa::ToSchema;

use crate::accounts::{self, ACCOUNTS, Account, Refusal};
use crate::app::LABEL;
use crate::device;
use crate::limits::problem;

const MAX_BODY_BYTES: usize = 4 * 1024;

/// To be put inside the CSRF guard and the session layer.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/login", post(login).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
        .route("/api/logout", post(logout))
        .route("/api/accounts", get(list))
}

/// What logging in takes.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

/// Logs in: the session, begun if there is none, has a new id and a user afterwards.
#[utoipa::path(
    post, path = "/api/login", operation_id = "logIn", tag = "demo", request_body = Credentials,
    responses((status = 204, description = "The session has a user and a new id")),
    extensions(("x-codes" = json!(["malformed_json", "invalid_credentials", "unsupported_media_type"]))),
)]
pub(crate) async fn login(
    session: Session,
    headers: HeaderMap,
    credentials: Result<Json<Credentials>, JsonRejection>,
) -> Result<StatusCode, Response> {
    let Json(Credentials { username, password }) = credentials.map_err(|rejection| malformed(&rejection))?;
    let account = accounts::verify(username, password).await.map_err(Refusal::response)?;
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

/// Destroys the session, if there is one.
#[utoipa::path(
    post, path = "/api/logout", operation_id = "logOut", tag = "demo",
    responses((status = 204, description = "There is no session any more")),
)]
pub(crate) async fn logout(session: Session) -> Result<StatusCode, SessionError> {
    session.destroy().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The accounts that one can log in with.
#[utoipa::path(
    get, path = "/api/accounts", operation_id = "accounts", tag = "demo",
    responses((status = 200, description = "The accounts", body = Vec<Credentials>)),
)]
pub(crate) async fn list() -> Json<Vec<Credentials>> {
    let credentials = |account: &Account| Credentials {
        username: account.username.to_owned(),
        password: account.password.to_owned(),
    };
    Json(ACCOUNTS.iter().map(credentials).collect())
}

impl Refusal {
    fn response(self) -> Response {
        problem(&match self {
            Self::Wrong => Problem::new(ProblemCode::InvalidCredentials, "User name or password is wrong."),
            Self::Busy => {
                Problem::new(ProblemCode::TooManyRequests, "Too many people log in; come back in a moment.")
            }
        })
    }
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
