//! JSON bodies, and what is answered to others.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use twinjar_shared::session::{Problem, ProblemCode};

/// [`Json`], whose refusals are problems as the library's are.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused(code_of(&rejection), &rejection.body_text())),
        }
    }
}

fn code_of(rejection: &JsonRejection) -> ProblemCode {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ProblemCode::UnsupportedMediaType,
        JsonRejection::JsonSyntaxError(_) => ProblemCode::MalformedJson,
        JsonRejection::JsonDataError(_) => ProblemCode::ValueRejected,
        JsonRejection::BytesRejection(bytes) if bytes.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ProblemCode::ValueTooLarge
        }
        _ => ProblemCode::MalformedRequest,
    }
}

/// The answer to a body that is not taken, and why.
pub(crate) fn refused(code: ProblemCode, why: &str) -> Response {
    let problem = Problem::new(code, format!("{why}."));
    let status = StatusCode::from_u16(problem.status).expect("the status of a problem");
    (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], Json(problem)).into_response()
}
