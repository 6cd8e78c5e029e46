//! The token of plain HTML forms, which cannot set a header.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, to_bytes};
use futures_util::future::Either;
use http::{HeaderMap, Request, Response};
use tower_layer::Layer;
use tower_service::Service;
use twinjar_shared::session::{Problem, ProblemCode};

use super::CSRF_HEADER;
use super::origin::{FORM, media_type};
use crate::problem;

/// Reads the token from a field of HTML forms, for a [`CsrfLayer`](crate::CsrfLayer) inside of it.
///
/// Pages put [`Session::csrf_token`](crate::Session::csrf_token) into a hidden field. The body of an
/// `application/x-www-form-urlencoded` request without the header `X-CSRF-Token` is read for it, up to a limit, and
/// handed on unchanged; other requests are not touched. A body that is too large is answered 413 `value_too_large`, one
/// that does not arrive 400 `malformed_request`. Forms with files (`multipart/form-data`) are not read.
///
/// # Defaults
/// - a body of 64 KiB at most
///
/// ```
/// use axum::{Router, routing::post};
/// use twinjar_server::{CsrfFormField, CsrfLayer, Secrets, SessionLayer, store::MemoryStore};
///
/// let app: Router = Router::new()
///     .route("/transfer", post(|| async { "done" }))
///     .layer(CsrfLayer::new())
///     // <input type="hidden" name="csrf_token" value="…">
///     .layer(CsrfFormField::new("csrf_token"))
///     .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()));
/// ```
#[derive(Clone, Debug)]
pub struct CsrfFormField {
    name: Arc<str>,
    max_bytes: usize,
}

impl CsrfFormField {
    /// The field that holds the token.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), max_bytes: 64 * 1024 }
    }

    /// The largest body, in bytes.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl<S> Layer<S> for CsrfFormField {
    type Service = CsrfFormService<S>;

    fn layer(&self, inner: S) -> CsrfFormService<S> {
        CsrfFormService { inner, field: self.clone() }
    }
}

/// Reads forms for the service within; see [`CsrfFormField`].
#[derive(Clone, Debug)]
pub struct CsrfFormService<S> {
    inner: S,
    field: CsrfFormField,
}

/// What stands in the field, in the extensions of a request.
#[derive(Clone)]
pub(super) struct FormToken(pub(super) Box<[u8]>);

type Reading<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<S, B> Service<Request<Body>> for CsrfFormService<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    B: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Reading<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.method().is_safe() || !is_form(request.headers()) {
            return Either::Left(self.inner.call(request));
        }
        // The service that is ready does the work; its clone waits for the next request.
        let next = self.inner.clone();
        let (mut ready, field) = (std::mem::replace(&mut self.inner, next), self.field.clone());
        Either::Right(Box::pin(async move {
            match field.read(request).await {
                Ok(request) => ready.call(request).await,
                Err(refused) => Ok(problem::response(&refused)),
            }
        }))
    }
}

impl CsrfFormField {
    async fn read(&self, request: Request<Body>) -> Result<Request<Body>, Problem> {
        let (mut parts, body) = request.into_parts();
        let form = to_bytes(body, self.max_bytes).await.map_err(|error| {
            if std::error::Error::source(&error).is_some_and(is_limit) {
                let detail = format!("A form has at most {} bytes here.", self.max_bytes);
                return Problem::new(ProblemCode::ValueTooLarge, detail);
            }
            Problem::new(ProblemCode::MalformedRequest, "The body did not arrive whole.")
        })?;
        let mut fields = form_urlencoded::parse(&form);
        if let Some((_, token)) = fields.find(|(name, _)| *name == *self.name) {
            parts.extensions.insert(FormToken(token.as_bytes().into()));
        }
        Ok(Request::from_parts(parts, Body::from(form)))
    }
}

fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<http_body_util::LengthLimitError>()
}

fn is_form(headers: &HeaderMap) -> bool {
    let is_form = media_type(headers).is_some_and(|it| it.eq_ignore_ascii_case(FORM));
    is_form && !headers.contains_key(CSRF_HEADER)
}
