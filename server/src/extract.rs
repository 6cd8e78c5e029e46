//! What handlers ask for in their arguments.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;
use twinjar_shared::session::{Problem, ProblemCode};

use crate::cookies::{CookieError, Cookies};
use crate::problem;
use crate::session::{Session, SessionError};
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

/// A cookie that came is not of its key's type: 400 and the code `malformed_request`, since visitors can write what
/// they like. Else a value does not fit, or browsers would drop the cookie: the server's own mistake, so 500; the log
/// says which.
impl IntoResponse for CookieError {
    fn into_response(self) -> Response {
        match self {
            Self::Decode(error) => {
                tracing::debug!("{error}");
                let detail = "A cookie of this site is not as the application has written it; delete it.";
                problem::response(&Problem::new(ProblemCode::MalformedRequest, detail))
            }
            _ => misconfigured(&self),
        }
    }
}

fn misconfigured(error: &dyn std::error::Error) -> Response {
    tracing::error!("{error}");
    problem::response(&Problem::new(ProblemCode::InternalError, "The server's log says more."))
}

/// The user who has logged in; nobody else passes.
///
/// Rejected with [`NotLoggedIn`].
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
    type Rejection = NotLoggedIn;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotLoggedIn> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await;
        session.map_err(NotLoggedIn::NoLayer)?.user().await?.map(Self).ok_or(NotLoggedIn::Nobody)
    }
}

/// Why there is no [`LoggedIn`].
///
/// | | status | code |
/// |---|---|---|
/// | [`Nobody`](Self::Nobody) | 401 | `sign_in_required` |
/// | [`Session`](Self::Session) | that of the [error](SessionError): 503 `store_unavailable` when the store fails | |
/// | [`NoLayer`](Self::NoLayer) | 500 | `internal_error` |
#[derive(Debug)]
#[non_exhaustive]
pub enum NotLoggedIn {
    /// Nobody has logged in.
    Nobody,
    /// The session could not be read.
    Session(SessionError),
    /// No [`SessionLayer`](crate::SessionLayer) is around the route.
    NoLayer(MissingSessionLayer),
}

impl std::fmt::Display for NotLoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody has logged in"),
            Self::Session(error) => error.fmt(f),
            Self::NoLayer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotLoggedIn {}

impl From<SessionError> for NotLoggedIn {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl IntoResponse for NotLoggedIn {
    fn into_response(self) -> Response {
        match self {
            Self::Nobody => {
                let detail = "Log in to use this part of the application.";
                problem::response(&Problem::new(ProblemCode::SignInRequired, detail))
            }
            Self::Session(error) => error.into_response(),
            Self::NoLayer(error) => error.into_response(),
        }
    }
}

/// The session's values as one struct, each key a field; see [`Session::read_all`]. Handlers that change it take the
/// [`Session`] too, for [`Session::write_all`].
///
/// Rejected with [`NoWholeSession`].
///
/// ```
/// use serde::Deserialize;
/// use twinjar_server::WholeSession;
///
/// #[derive(Default, Deserialize)]
/// #[serde(default)]
/// struct Profile { name: String, visits: u32 }
///
/// async fn greet(WholeSession(profile): WholeSession<Profile>) -> String {
///     format!("hello {}, visit {}", profile.name, profile.visits)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WholeSession<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for WholeSession<T> {
    type Rejection = NoWholeSession;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoWholeSession> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await;
        Ok(Self(session.map_err(NoWholeSession::NoLayer)?.read_all().await?))
    }
}

/// Why there is no [`WholeSession`].
///
/// | | status | code |
/// |---|---|---|
/// | [`Session`](Self::Session) | that of the [error](SessionError): 500 `internal_error` when the values are not those of the struct, 503 `store_unavailable` when the store fails | |
/// | [`NoLayer`](Self::NoLayer) | 500 | `internal_error` |
#[derive(Debug)]
#[non_exhaustive]
pub enum NoWholeSession {
    /// The session could not be read as the struct.
    Session(SessionError),
    /// No [`SessionLayer`](crate::SessionLayer) is around the route.
    NoLayer(MissingSessionLayer),
}

impl std::fmt::Display for NoWholeSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::NoLayer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoWholeSession {}

impl From<SessionError> for NoWholeSession {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl IntoResponse for NoWholeSession {
    fn into_response(self) -> Response {
        match self {
            Self::Session(error) => error.into_response(),
            Self::NoLayer(error) => error.into_response(),
        }
    }
}
