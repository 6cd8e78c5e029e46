//! What the layer costs above bare axum, in process: no socket, one thread, rounds interleaved.
//!
//! `cargo bench -p twinjar-server --bench in_process` prints nanoseconds and allocations a request, and the
//! difference to the same handlers without a layer (the difference of the medians). Routes named behind `--` are
//! measured alone: `-- /read`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderValue, Method, Request, header};
use serde::Serialize;
use tower::ServiceExt;
use tower_service::Service;
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, Session, SessionError, SessionLayer};

const ROUNDS: usize = 400;
const REQUESTS: u32 = 500;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call is handed to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Serialize)]
struct Peer {
    ok: bool,
    src: &'static str,
    n: i64,
}

fn peer(n: i64) -> Response {
    Json(Peer { ok: true, src: "peer", n }).into_response()
}

fn bare() -> Router {
    Router::new()
        .route("/plain", get(|| async { peer(0) }))
        .route("/read", get(|| async { peer(1) }))
        .route("/write", post(|| async { peer(1) }))
        .route("/new", post(|| async { peer(1) }))
}

fn with_sessions() -> Router {
    async fn read(session: Session) -> Result<Response, SessionError> {
        Ok(peer(session.get("n").await?.unwrap_or(0)))
    }
    async fn write(session: Session) -> Result<Response, SessionError> {
        Ok(peer(session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).await?))
    }
    async fn new(session: Session) -> Result<Response, SessionError> {
        session.insert("n", 1).await?;
        Ok(peer(1))
    }
    Router::new()
        .route("/plain", get(|| async { peer(0) }))
        .route("/read", get(read))
        .route("/write", post(write))
        .route("/new", post(new))
        .layer(SessionLayer::new(MemoryStore::new(), &Secrets::random()))
}

fn request(method: &Method, path: &str, cookie: Option<&HeaderValue>) -> Request<Body> {
    let mut request =
        Request::builder().method(method.clone()).uri(path).header(header::HOST, "127.0.0.1:8080");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    request.body(Body::empty()).expect("a request")
}

/// The mean of one round, in nanoseconds and allocations a request.
async fn round(app: &mut Router, method: &Method, path: &str, cookie: Option<&HeaderValue>) -> (f64, f64) {
    let requests: Vec<_> = (0..REQUESTS).map(|_| request(method, path, cookie)).collect();
    let allocations = ALLOCATIONS.load(Ordering::Relaxed);
    let start = Instant::now();
    for request in requests {
        let response = app.call(request).await.expect("infallible");
        assert_eq!(response.status(), 200);
        std::hint::black_box(&response);
    }
    let nanos = start.elapsed().as_nanos() as f64 / f64::from(REQUESTS);
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - allocations) as f64 / f64::from(REQUESTS);
    (nanos, allocations)
}

async fn cookie_of(app: &Router) -> HeaderValue {
    let response = app.clone().oneshot(request(&Method::POST, "/new", None)).await.expect("infallible");
    let line = response.headers()[header::SET_COOKIE].to_str().expect("ASCII");
    HeaderValue::try_from(line.split(';').next().expect("a pair")).expect("a header value")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with('/')).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        // As `axum::serve` does: handlers become services once, and not with every request.
        let (mut bare, mut ours) = (bare().with_state(()), with_sessions().with_state(()));
        let cookie = cookie_of(&ours).await;
        println!("{:<8} {:>9} {:>9} {:>9} {:>14}", "route", "bare ns", "ours ns", "above", "allocs above");
        for (method, path, cookie) in [
            (Method::GET, "/plain", Some(&cookie)),
            (Method::GET, "/read", Some(&cookie)),
            (Method::POST, "/write", Some(&cookie)),
            (Method::POST, "/new", None),
        ] {
            if !only.is_empty() && !only.iter().any(|route| route == path) {
                continue;
            }
            let (mut a, mut b, mut allocations) = (Vec::new(), Vec::new(), 0.0);
            for _ in 0..ROUNDS {
                let (bare_ns, bare_allocations) = round(&mut bare, &method, path, cookie).await;
                let (ours_ns, ours_allocations) = round(&mut ours, &method, path, cookie).await;
                a.push(bare_ns);
                b.push(ours_ns);
                allocations = ours_allocations - bare_allocations;
            }
            let (bare_ns, ours_ns) = (median(a), median(b));
            let above = ours_ns - bare_ns;
            println!("{path:<8} {bare_ns:>9.0} {ours_ns:>9.0} {above:>9.0} {allocations:>14.1}");
        }
    });
}
