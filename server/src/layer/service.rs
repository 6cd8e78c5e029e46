//! The service that the layer wraps around another.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::future::ResponseFuture;
use crate::cookies::{CookieHeaders, Lint, Transport};
use crate::session::{Engine, Session};

/// Puts a [`Session`] into the extensions of every request; see [`SessionLayer`](crate::SessionLayer).
#[derive(Clone)]
pub struct SessionService<S> {
    inner: S,
    engine: Arc<Engine>,
}

impl<S> SessionService<S> {
    pub(super) fn new(inner: S, engine: Arc<Engine>) -> Self {
        Self { inner, engine }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for SessionService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        self.engine.ensure_sweeping();
        let transport = Transport::of(&request, self.engine.trust);
        let lint = Lint::of(&request, transport);
        let session =
            Session::new(Arc::clone(&self.engine), CookieHeaders::of(request.headers()), transport.https);
        request.extensions_mut().insert(session.clone());
        ResponseFuture::new(self.inner.call(request), session, transport, lint)
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
