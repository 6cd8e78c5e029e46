//! The part of a path that names a key or a device.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use twinjar_shared::session::ProblemCode;

use super::reject::Rejection;

/// Decoded text; a problem where the path holds none.
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => Ok(Self(text)),
            Err(_) => {
                let detail = "Percent-encode the last part of the path as UTF-8.";
                Err(Rejection::new(ProblemCode::MalformedRequest, detail))
            }
        }
    }
}
