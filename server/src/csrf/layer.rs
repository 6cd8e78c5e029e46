//! The guard as a tower layer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;
use twinjar_shared::session::{Problem, ProblemCode};

use super::CSRF_HEADER;
use super::form::FormToken;
use super::origin::{Provenance, needs_preflight, provenance};
use crate::problem;
use crate::session::{Session, SessionError};

/// Refuses unsafe requests that do not come from the application itself; put it inside the
/// [`SessionLayer`](crate::SessionLayer).
///
/// Refusals are 403 with the code `cross_site_request` or `csrf_token_invalid`; session and cookies stay as they
/// are. Pages get the token from [`Session::csrf_token`].
///
/// ```
/// use axum::{Router, routing::post};
/// use twinjar_server::{CsrfLayer, Secrets, SessionLayer, store::MemoryStore};
///
/// let app: Router = Router::new()
///     .route("/transfer", post(|| async { "done" }))
///     .layer(CsrfLayer::new().allow_origin("https://admin.example"))
///     .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct CsrfLayer {
    allowed: Vec<Box<str>>,
    without_token: bool,
}

impl CsrfLayer {
    /// Trusts the application's own origin alone, and asks for the token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts a further origin like one's own: scheme, host and port as browsers write them, without a path.
    pub fn allow_origin(mut self, origin: impl Into<Box<str>>) -> Self {
        self.allowed.push(origin.into());
        self
    }

    /// Relies on what browsers say of a request's origin alone. A browser that says nothing is then believed.
    pub fn insecure_without_token(mut self) -> Self {
        self.without_token = true;
        self
    }
}

impl<S> Layer<S> for CsrfLayer {
    type Service = CsrfService<S>;

    fn layer(&self, inner: S) -> CsrfService<S> {
        CsrfService { inner, rules: Arc::new(self.clone()) }
    }
}

/// Guards the service within; see [`CsrfLayer`].
#[derive(Clone, Debug)]
pub struct CsrfService<S> {
    inner: S,
    rules: Arc<CsrfLayer>,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CsrfService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    ResBody: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CsrfFuture<S, ReqBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let check = match self.rules.check(&request) {
            Check::Pass => return CsrfFuture::Inner { future: self.inner.call(request) },
            Check::Refuse(problem) => return CsrfFuture::Refused { problem: Some(problem) },
            Check::Token(check) => check,
        };
        // The service that is ready does the work; its clone waits for the next request.
        let next = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, next);
        CsrfFuture::Checking { check, held: Some((ready, request)) }
    }
}

enum Check {
    Pass,
    Refuse(Problem),
    Token(TokenCheck),
}

type TokenCheck = Pin<Box<dyn Future<Output = Result<bool, SessionError>> + Send>>;

impl CsrfLayer {
    fn check<B>(&self, request: &Request<B>) -> Check {
        if request.method().is_safe() {
            return Check::Pass;
        }
        let provenance = provenance(request, &self.allowed);
        if provenance == Provenance::Foreign {
            return Check::Refuse(cross_site());
        }
        if self.without_token {
            return Check::Pass;
        }
        let Some(session) = request.extensions().get::<Session>().cloned() else {
            return Check::Refuse(token_invalid());
        };
        let own = provenance == Provenance::Own || needs_preflight(request.method(), request.headers());
        let header = request.headers().get(CSRF_HEADER).cloned();
        let form = request.extensions().get::<FormToken>().cloned();
        Check::Token(Box::pin(async move {
            let token = header.as_ref().map(HeaderValue::as_bytes).or(form.as_ref().map(|form| &*form.0));
            // Without a session there is nothing to prove beyond where the request comes from.
            Ok(session.verify_csrf_token(token.unwrap_or_default()).await?.unwrap_or(own))
        }))
    }
}

pin_project! {
    /// The response of a [`CsrfService`].
    #[project = CsrfFutureProjection]
    pub enum CsrfFuture<S: Service<Request<B>>, B> {
        #[doc(hidden)]
        Inner { #[pin] future: S::Future },
        #[doc(hidden)]
        Refused { problem: Option<Problem> },
        #[doc(hidden)]
        Checking { check: TokenCheck, held: Option<(S, Request<B>)> },
    }
}

impl<S, ReqBody, ResBody> Future for CsrfFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<String>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let next = match self.as_mut().project() {
                CsrfFutureProjection::Inner { future } => return future.poll(context),
                CsrfFutureProjection::Refused { problem } => {
                    let problem = problem.take().expect("polled after it was ready");
                    return Poll::Ready(Ok(refusal(&problem)));
                }
                CsrfFutureProjection::Checking { check, held } => {
                    match ready!(check.as_mut().poll(context)) {
                        Ok(true) => {
                            let (mut service, request) = held.take().expect("polled after it was ready");
                            Self::Inner { future: service.call(request) }
                        }
                        Ok(false) => return Poll::Ready(Ok(refusal(&token_invalid()))),
                        Err(error) => return Poll::Ready(Ok(problem::answer(&error))),
                    }
                }
            };
            self.set(next);
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for CsrfFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfFuture")
    }
}

fn refusal<B: From<String>>(problem: &Problem) -> Response<B> {
    tracing::warn!(code = problem.code.as_str(), "request refused");
    let mut response = problem::response(problem);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Sec-Fetch-Site, Origin"));
    response
}

fn cross_site() -> Problem {
    let detail = "The browser says that the request does not come from this application's own pages.";
    Problem::new(ProblemCode::CrossSiteRequest, detail)
}

fn token_invalid() -> Problem {
    let detail = "Send the session's token in the header X-CSRF-Token; it changes when the session id does.";
    Problem::new(ProblemCode::CsrfTokenInvalid, detail)
}
