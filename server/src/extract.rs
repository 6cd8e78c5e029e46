//! What handlers ask for in their arguments.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use twinjar_shared::session::{Problem, ProblemCode};

use crate::cookies::{CookieError, Cookies};
use crate::problem;
use crate::session::Session;
use crate::store::UserId;

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
        misconfigured(&self)
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

/// The request has no [`Cookies`]: no [`CookiesLayer`](crate::CookiesLayer) is around the route.
///
/// Answered with 500 and the code `internal_error`; the log says what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingCookiesLayer;

impl std::fmt::Display for MissingCookiesLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "no CookiesLayer is around this route: add `.layer(CookiesLayer::new(…))` after the routes",
        )
    }
}

impl std::error::Error for MissingCookiesLayer {}

impl IntoResponse for MissingCookiesLayer {
    fn into_response(self) -> Response {
        misconfigured(&self)
    }
}

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = MissingCookiesLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingCookiesLayer> {
        parts.extensions.get::<Self>().cloned().ok_or(MissingCookiesLayer)
    }
}

/// The value does not fit, or browsers would drop the cookie: the server's own mistake, so 500; the log says which.
impl IntoResponse for CookieError {
    fn into_response(self) -> Response {
        misconfigured(&self)
    }
}

fn misconfigured(error: &dyn std::error::Error) -> Response {
    tracing::error!("{error}");
    problem::response(&Problem::new(ProblemCode::InternalError, "The server's log says more."))
}

/// The user who has logged in; nobody else passes.
///
/// Rejected with 401 and the code `sign_in_required` when nobody has, with 503 and `store_unavailable` when the
/// store fails, and with 500 and `internal_error` when no [`SessionLayer`](crate::SessionLayer) is there.
///
/// ```
/// use twinjar_server::LoggedIn;
///
/// async fn account(LoggedIn(user): LoggedIn) -> String {
///     format!("hello {}", user.as_str())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct LoggedIn(pub UserId);

impl<S: Sync> FromRequestParts<S> for LoggedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await;
        match session.map_err(IntoResponse::into_response)?.user().await {
            Ok(Some(user)) => Ok(Self(user)),
            Ok(None) => {
                let detail = "Log in to use this part of the application.";
                Err(problem::response(&Problem::new(ProblemCode::SignInRequired, detail)))
            }
            Err(error) => Err(error.into_response()),
        }
    }
}
