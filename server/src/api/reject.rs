//! What the routes answer when they refuse.

use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use twinjar_shared::session::{Problem, ProblemCode};

use crate::problem;
use crate::session::SessionError;

/// A refused request, or a failed one.
pub(super) enum Rejection {
    Problem(Problem),
    Session(SessionError),
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem::response(&problem),
            Self::Session(error) => problem::answer(&error),
        }
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<SessionError> for Rejection {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl Rejection {
    pub(super) fn new(code: ProblemCode, detail: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::Problem(Problem::new(code, detail))
    }
}

pub(super) async fn not_found() -> Response {
    problem::response(&Problem::new(ProblemCode::NotFound, "The session API has no such route."))
}

pub(super) async fn method_not_allowed() -> Response {
    problem::response(&Problem::new(ProblemCode::MethodNotAllowed, "This route does not take this method."))
}

/// The body, if it is JSON by its media type and not too large.
pub(super) fn json_body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, Rejection> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Rejection::new(ProblemCode::UnsupportedMediaType, "Send the value as application/json."));
    }
    whole_body(body)
}

pub(super) fn whole_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Rejection> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Rejection::new(ProblemCode::ValueTooLarge, "The body is larger than the server takes.")
        }
        _ => Rejection::new(ProblemCode::MalformedRequest, "The body did not arrive whole."),
    })
}
