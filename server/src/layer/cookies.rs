//! The layer that gives every request its [`Cookies`].

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::caching::{forbid_caching, vary_by_cookie};
use crate::cookies::{CookieHeaders, Cookies, Lint, Secrets, Transport, Trust};
use crate::time::{Clock, SystemClock};

/// Puts [`Cookies`] into the extensions of every request, and what they set into the response.
///
/// ```
/// use axum::{Router, routing::get};
/// use twinjar_server::{CookieKey, Cookies, CookiesLayer, Secrets};
///
/// const THEME: CookieKey<String> = CookieKey::string("theme");
///
/// async fn theme(cookies: Cookies) -> String {
///     cookies.read(&THEME).ok().flatten().unwrap_or_else(|| "light".to_owned())
/// }
///
/// let app: Router = Router::new().route("/", get(theme)).layer(CookiesLayer::new(&Secrets::random()));
/// ```
///
/// A response to a request whose cookies were read says `Vary: Cookie`; one that sets a cookie, `Cache-Control:
/// no-store` besides.
#[derive(Clone, Debug)]
pub struct CookiesLayer {
    secrets: Secrets,
    trust: Trust,
}

impl CookiesLayer {
    /// A layer whose signed and private cookies use these secrets.
    pub fn new(secrets: &Secrets) -> Self {
        Self { secrets: secrets.clone(), trust: Trust::default() }
    }

    /// Believes the first item of `X-Forwarded-Proto`, as
    /// [`SessionLayerBuilder::trust_forwarded_proto`](crate::SessionLayerBuilder::trust_forwarded_proto) has it. Here it
    /// decides only what debug builds warn of: cookies that browsers drop, since they are Secure and the request was not.
    #[must_use]
    pub fn trust_forwarded_proto(mut self) -> Self {
        self.trust.forwarded_proto = true;
        self
    }

    /// Takes every connection for https, in the same warnings.
    #[must_use]
    pub fn assume_https(mut self) -> Self {
        self.trust.assume_https = true;
        self
    }
}

impl<S> Layer<S> for CookiesLayer {
    type Service = CookiesService<S>;

    fn layer(&self, inner: S) -> CookiesService<S> {
        CookiesService { inner, secrets: self.secrets.clone(), trust: self.trust }
    }
}

/// Serves requests with their [`Cookies`]; see [`CookiesLayer`].
#[derive(Clone, Debug)]
pub struct CookiesService<S> {
    inner: S,
    secrets: Secrets,
    trust: Trust,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CookiesService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CookiesFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let cookies = Cookies::new(CookieHeaders::of(request.headers()), self.secrets.clone());
        let lint = Lint::of(&request, Transport::of(&request, self.trust));
        request.extensions_mut().insert(cookies.clone());
        CookiesFuture { inner: self.inner.call(request), cookies, lint }
    }
}

pin_project! {
    /// The response of a [`CookiesService`].
    pub struct CookiesFuture<F> {
        #[pin]
        inner: F,
        cookies: Cookies,
        lint: Lint,
    }
}

impl<F, B, E> Future for CookiesFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        if this.cookies.apply(response.headers_mut()) {
            forbid_caching(response.headers_mut());
        } else if this.cookies.was_read() {
            vary_by_cookie(response.headers_mut());
        }
        this.lint.check(response.headers(), || SystemClock.now());
        Poll::Ready(Ok(response))
    }
}

impl<F> std::fmt::Debug for CookiesFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CookiesFuture")
    }
}
