//! Errors as RFC 9457 problem documents.

use http::{HeaderValue, Response, StatusCode, header};

use crate::session::SessionError;

/// A problem: what `application/problem+json` carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A stable `snake_case` word.
    pub(crate) code: &'static str,
    /// The same sentence for every problem of the code.
    pub(crate) title: &'static str,
    /// What it is about this time. Never a secret, never a value.
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, title, detail: detail.into() }
    }

    /// The response. It depends on who asks, so no cache may keep it.
    pub(crate) fn into_response<B: From<String>>(self) -> Response<B> {
        let body = serde_json::json!({
            "type": format!("urn:twinjar:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let mut response = Response::new(B::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<&SessionError> for Problem {
    fn from(error: &SessionError) -> Self {
        const STORE: &str = "The session store is not available.";
        let (status, code, title) = match error {
            SessionError::Store(_) if error.is_store_full() => {
                (StatusCode::INSUFFICIENT_STORAGE, "store_full", "The session store is full.")
            }
            SessionError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", STORE),
            SessionError::Gone => (StatusCode::CONFLICT, "session_gone", "The session has ended."),
            SessionError::Conflict { .. } => {
                (StatusCode::CONFLICT, "revision_conflict", "The session was changed by another request.")
            }
            SessionError::TooLarge { .. } => {
                (StatusCode::PAYLOAD_TOO_LARGE, "value_too_large", "The session would become too large.")
            }
            SessionError::Value { .. } | SessionError::ResponseSent => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server made a mistake.")
            }
        };
        let detail = match error {
            // The server's own mistakes are for its log.
            SessionError::Value { .. } | SessionError::ResponseSent => {
                "The log of the server says more.".to_owned()
            }
            _ => format!("{error}."),
        };
        Self::new(status, code, title, detail)
    }
}

/// Logs what the response keeps from the client, and answers with the problem.
pub(crate) fn answer<B: From<String>>(error: &SessionError) -> Response<B> {
    let problem = Problem::from(error);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    if problem.status.is_server_error() {
        tracing::error!(code = problem.code, cause, "{error}");
    } else {
        tracing::debug!(code = problem.code, "{error}");
    }
    problem.into_response()
}

impl axum::response::IntoResponse for SessionError {
    fn into_response(self) -> axum::response::Response {
        answer(&self)
    }
}
