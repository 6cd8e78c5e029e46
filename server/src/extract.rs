//! What handlers ask for in their arguments.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use twinjar_shared::session::{Problem, ProblemCode};

use crate::problem;
use crate::session::Session;

/// The request has no [`Session`]: no [`SessionLayer`](crate::SessionLayer) is around the route.
///
/// Answered with 500 and the code `internal_error`; the log says what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingSessionLayer;

impl std::fmt::Display for MissingSessionLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "no SessionLayer is around this route: add `.layer(SessionLayer::new(…))` after the routes",
        )
    }
}

impl std::error::Error for MissingSessionLayer {}

impl IntoResponse for MissingSessionLayer {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        problem::response(&Problem::new(ProblemCode::InternalError, "The server's log says more."))
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = MissingSessionLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingSessionLayer> {
        parts.extensions.get::<Self>().cloned().ok_or(MissingSessionLayer)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
