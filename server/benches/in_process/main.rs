//! What the layer costs above bare axum, in process: no socket, one thread, rounds interleaved.
//!
//! `cargo bench -p twinjar-server --bench in_process` prints nanoseconds and allocations a request above the same
//! handlers without a layer (differences of the medians): of the least code that is a session, of twinjar's layer on the
//! routes, and of the same layer around the whole application. Routes named behind `--` are measured alone: `-- /read`.

mod least;

use std::alloc::{GlobalAlloc, Layout, System};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderValue, Method, Request, header};
use serde::Serialize;
use tower::ServiceExt;
use tower_layer::Layer;
use tower_service::Service;
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, Session, SessionError, SessionLayer};

const ROUNDS: usize = 400;
const REQUESTS: u32 = 500;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// What a server calls.
trait App: Service<Request<Body>, Response = Response, Error = Infallible> {}

impl<S: Service<Request<Body>, Response = Response, Error = Infallible>> App for S {}

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

fn using_sessions() -> Router {
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
}

fn sessions() -> SessionLayer {
    SessionLayer::new(MemoryStore::new(), &Secrets::random())
}

fn request(method: &Method, path: &str, cookie: Option<&HeaderValue>) -> Request<Body> {
    let mut request =
        Request::builder().method(method.clone()).uri(path).header(header::HOST, "127.0.0.1:8080");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    request.body(Body::empty()).expect("a request")
}

/// A request's share of a round.
struct Cost {
    nanos: f64,
    allocations: f64,
}

async fn round(app: &mut impl App, request: impl Fn() -> Request<Body>) -> Cost {
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    let allocations = ALLOCATIONS.load(Ordering::Relaxed);
    let start = Instant::now();
    for request in requests {
        let response = app.call(request).await.expect("infallible");
        assert_eq!(response.status(), 200);
        std::hint::black_box(&response);
    }
    let nanos = start.elapsed().as_nanos() as f64 / f64::from(REQUESTS);
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - allocations) as f64 / f64::from(REQUESTS);
    Cost { nanos, allocations }
}

/// The cookie of a new session.
async fn cookie_of(app: &(impl App + Clone)) -> HeaderValue {
    let response = app.clone().oneshot(request(&Method::POST, "/new", None)).await.expect("infallible");
    let line = response.headers()[header::SET_COOKIE].to_str().expect("ASCII");
    HeaderValue::try_from(line.split(';').next().expect("a pair")).expect("a header value")
}

fn median(mut rounds: Vec<Cost>) -> Cost {
    rounds.sort_by(|a, b| a.nanos.total_cmp(&b.nanos));
    rounds.swap_remove(rounds.len() / 2)
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with('/')).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        // As `axum::serve` does: handlers become services once, and not with every request.
        let mut apps =
            [bare(), least::router(), using_sessions().layer(sessions())].map(|app| app.with_state(()));
        let mut around = sessions().layer(using_sessions().with_state(()));
        let mut cookies = Vec::new();
        for app in &apps[1..] {
            cookies.push(cookie_of(app).await);
        }
        cookies.push(cookie_of(&around).await);
        println!("{:<8} {:>8} {:>8} {:>8} {:>8} {:>8}", "route", "bare", "least", "routes", "app", "allocs");
        for (method, path, presents) in [
            (Method::GET, "/plain", true),
            (Method::GET, "/read", true),
            (Method::POST, "/write", true),
            (Method::POST, "/new", false),
        ] {
            if !only.is_empty() && !only.iter().any(|route| route == path) {
                continue;
            }
            let request = |cookie: usize| request(&method, path, Some(&cookies[cookie]).filter(|_| presents));
            let mut results = [const { Vec::new() }; 4];
            for _ in 0..ROUNDS {
                // Bare axum reads no cookie: any one will do.
                for ((app, cookie), result) in apps.iter_mut().zip([0, 0, 1]).zip(&mut results) {
                    result.push(round(app, || request(cookie)).await);
                }
                results[3].push(round(&mut around, || request(2)).await);
            }
            let [bare, least, routes, app] = results.map(median);
            println!(
                "{path:<8} {:>8.0} {:>8.0} {:>8.0} {:>8.0} {:>8.1}",
                bare.nanos,
                least.nanos - bare.nanos,
                routes.nanos - bare.nanos,
                app.nanos - bare.nanos,
                app.allocations - bare.allocations,
            );
        }
    });
}
