//! The least code that is a session behind a layer: no signature, no deadline, no merge, nothing refused. What a layer
//! costs however it is written.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use axum::extract::Extension;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, body::Body};
use http::{HeaderValue, Request, header};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::peer;

type Store = Arc<Mutex<HashMap<[u8; 32], HashMap<String, i64>>>>;

#[derive(Clone)]
struct Least(Arc<Inner>);

struct Inner {
    store: Store,
    cookies: Option<HeaderValue>,
    begun: Mutex<Option<[u8; 32]>>,
}

impl Least {
    fn id(&self) -> Option<[u8; 32]> {
        let pairs = self.0.cookies.as_ref()?.as_bytes().split(|&byte| byte == b';');
        let value = pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(b"id=")).next()?;
        value.try_into().ok()
    }

    fn get(&self, key: &str) -> Option<i64> {
        self.0.store.lock().expect("no panics").get(&self.id()?)?.get(key).copied()
    }

    fn insert(&self, key: &str, value: i64) {
        let id = self.id().unwrap_or_else(|| {
            let mut id = [0; 32];
            rand::Rng::fill_bytes(&mut rand::rng(), &mut id);
            id.iter_mut().for_each(|byte| *byte = b'a' + (*byte & 15));
            *self.0.begun.lock().expect("no panics") = Some(id);
            id
        });
        self.0.store.lock().expect("no panics").entry(id).or_default().insert(key.to_owned(), value);
    }
}

#[derive(Clone)]
struct LeastService<S>(S, Store);

impl<S: Service<Request<Body>, Response = Response>> Service<Request<Body>> for LeastService<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = LeastFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let cookies = request.headers().get(header::COOKIE).cloned();
        let session = Least(Arc::new(Inner { store: Arc::clone(&self.1), cookies, begun: Mutex::default() }));
        request.extensions_mut().insert(session.clone());
        LeastFuture { inner: self.0.call(request), session }
    }
}

pin_project! {
    struct LeastFuture<F> {
        #[pin]
        inner: F,
        session: Least,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for LeastFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        if let Some(id) = *this.session.0.begun.lock().expect("no panics") {
            let line = format!("id={}; Path=/; HttpOnly", std::str::from_utf8(&id).expect("ASCII"));
            let line = HeaderValue::try_from(line).expect("a header value");
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        Poll::Ready(Ok(response))
    }
}

pub(super) fn router() -> Router {
    async fn read(Extension(session): Extension<Least>) -> Response {
        peer(session.get("n").unwrap_or(0))
    }
    async fn write(Extension(session): Extension<Least>) -> Response {
        let n = session.get("n").unwrap_or(0) + 1;
        session.insert("n", n);
        peer(n)
    }
    async fn new(Extension(session): Extension<Least>) -> Response {
        session.insert("n", 1);
        peer(1)
    }
    let store = Store::default();
    Router::new()
        .route("/plain", get(|| async { peer(0) }))
        .route("/read", get(read))
        .route("/write", post(write))
        .route("/new", post(new))
        .layer(tower_layer::layer_fn(move |inner| LeastService(inner, Arc::clone(&store))))
}
