//! Errors as RFC 9457 problem documents.

use http::{HeaderValue, Response, StatusCode, header};
use twinjar_shared::session::{Problem, ProblemCode};

use crate::session::SessionError;

/// Seconds: stores and event streams are there again soon, or not for long.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Every 401 names a scheme (RFC 9110, section 15.5.2): here a session, which one logs in to. No browser knows the name,
/// and so none asks for a password by itself.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Session");

/// The response that carries a problem. It depends on who asks, so no cache may keep it.
pub(crate) fn response<B: From<String>>(problem: &Problem) -> Response<B> {
    let body = serde_json::to_string(problem).expect("a problem is JSON");
    let mut response = Response::new(B::from(body));
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if matches!(problem.status, 429 | 503) {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    if problem.status == 401 {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

/// Logs what the response keeps from the client, and answers with the problem.
pub(crate) fn answer<B: From<String>>(error: &SessionError) -> Response<B> {
    let problem = Problem::from(error);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    if problem.status >= 500 && problem.code != ProblemCode::NotSupported {
        tracing::error!(code = problem.code.as_str(), cause, "{error}");
    } else {
        tracing::debug!(code = problem.code.as_str(), "{error}");
    }
    response(&problem)
}

impl From<&SessionError> for Problem {
    fn from(error: &SessionError) -> Self {
        let code = match error {
            SessionError::Store(_) => ProblemCode::StoreUnavailable,
            SessionError::Gone => ProblemCode::SessionGone,
            SessionError::Conflict { .. } => ProblemCode::RevisionConflict,
            SessionError::TooLarge { .. } | SessionError::KeyTooLong { .. } => ProblemCode::ValueTooLarge,
            SessionError::NotSupported => ProblemCode::NotSupported,
            SessionError::Value { .. } | SessionError::ResponseSent => ProblemCode::InternalError,
        };
        match code {
            // The server's own mistakes are for its log.
            ProblemCode::InternalError => Self::new(code, "The server's log says more."),
            _ => Self::new(code, format!("{error}.")),
        }
    }
}

impl axum::response::IntoResponse for SessionError {
    fn into_response(self) -> axum::response::Response {
        answer(&self)
    }
}
