//! The layer around all kinds of services and responses.

mod common;

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use common::{App, SECRET, Visitor, routes};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use twinjar_server::store::MemoryStore;
use twinjar_server::{LoggedIn, Secrets, Session, SessionError, SessionLayer};

fn layer(store: &MemoryStore) -> SessionLayer {
    SessionLayer::new(store.clone(), &Secrets::new([SECRET]).expect("long enough"))
}

#[tokio::test]
async fn plain_tower_services_have_sessions() {
    async fn count(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
        let session = request.extensions().get::<Session>().expect("a session");
        let n = session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await.expect("stored");
        Ok(Response::new(Full::from(n.to_string())))
    }
    let store = MemoryStore::new();
    let service = ServiceBuilder::new().layer(layer(&store)).service(service_fn(count));
    let mut cookie = String::new();
    for expected in ["1", "2", "3"] {
        let request = Request::builder().header(header::HOST, "localhost").header(header::COOKIE, &cookie);
        let response =
            service.clone().oneshot(request.body(Full::default()).expect("a request")).await.expect("ok");
        if let Some(line) = response.headers().get(header::SET_COOKIE) {
            cookie = line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        }
        assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), expected);
    }
}

#[tokio::test]
async fn nested_routers_share_the_session() {
    let app = Router::new().nest("/inner", routes()).merge(routes()).layer(layer(&MemoryStore::new()));
    let mut visitor = Visitor::new(&app);
    visitor.post("/inner/set/a/1").await;
    assert_eq!(visitor.get("/get/a").await.text, "1");
}

#[tokio::test]
async fn error_responses_save_like_any_other() {
    async fn fail(session: Session) -> Result<StatusCode, SessionError> {
        session.insert("a", "kept").await?;
        Ok(StatusCode::INTERNAL_SERVER_ERROR)
    }
    let app = routes().route("/fail", post(fail)).layer(layer(&MemoryStore::new()));
    let mut visitor = Visitor::new(&app);
    assert_eq!(visitor.post("/fail").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(visitor.get("/get/a").await.text, "kept");
}

#[tokio::test]
async fn error_responses_save_nothing_where_told_so() {
    async fn fail(session: Session) -> Result<StatusCode, SessionError> {
        session.insert("b", "dropped").await?;
        Ok(StatusCode::BAD_GATEWAY)
    }
    let store = MemoryStore::new();
    let sessions = SessionLayer::builder(store.clone(), &Secrets::new([SECRET]).expect("long enough"));
    let sessions = sessions.save_on_server_error(false).build().expect("valid");
    let mut visitor = Visitor::new(&routes().route("/fail", post(fail)).layer(sessions));
    assert_eq!(visitor.post("/fail").await.status, StatusCode::BAD_GATEWAY);
    assert!(store.is_empty() && visitor.jar.is_empty(), "a session has begun");
    visitor.post("/set/a/kept").await;
    visitor.post("/fail").await;
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"kept"}"#);
}

#[tokio::test]
async fn head_reads_like_get() {
    let app = App::new();
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    let answer = visitor.send(Method::HEAD, "/get/a", &[], "").await;
    assert_eq!((answer.status, &*answer.text), (StatusCode::OK, ""));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn after_the_headers_have_left_changes_are_stored_at_once_or_refused() {
    async fn stream(session: Session) -> Response<Body> {
        let body = async_stream(session);
        Response::new(Body::from_stream(body))
    }
    fn async_stream(session: Session) -> impl futures_util::Stream<Item = Result<String, SessionError>> {
        futures_util::stream::once(async move {
            let outcome = session.insert("late", "yes").await;
            Ok(format!("{:?}", outcome.is_ok()))
        })
    }
    let app = routes().route("/stream", get(stream)).layer(layer(&MemoryStore::new()));
    let mut visitor = Visitor::new(&app);
    assert_eq!(visitor.get("/stream").await.text, "false", "no session can begin any more");
    assert!(visitor.jar.is_empty());
    visitor.post("/set/a/1").await;
    assert_eq!(visitor.get("/stream").await.text, "true");
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","late":"yes"}"#);
}

#[tokio::test]
async fn caching_headers_of_the_application_stay_when_they_are_as_strict() {
    async fn strict(session: Session) -> Result<Response<Body>, SessionError> {
        session.get::<String>("a").await?;
        let response =
            Response::builder().header("cache-control", "private, no-store").header("vary", "Accept, cookie");
        Ok(response.body(Body::empty()).expect("a response"))
    }
    async fn lax(session: Session) -> Result<Response<Body>, SessionError> {
        session.get::<String>("a").await?;
        let response =
            Response::builder().header("cache-control", "public, max-age=60").header("vary", "Accept");
        Ok(response.body(Body::empty()).expect("a response"))
    }
    let app =
        Router::new().route("/strict", get(strict)).route("/lax", get(lax)).layer(layer(&MemoryStore::new()));
    let strict = Visitor::new(&app).get("/strict").await;
    assert_eq!(
        (&strict.headers["cache-control"], &strict.headers["vary"]),
        (&"private, no-store".parse().expect("ASCII"), &"Accept, cookie".parse().expect("ASCII"))
    );
    let lax = Visitor::new(&app).get("/lax").await;
    assert_eq!(lax.headers["cache-control"], "no-store");
    let vary: Vec<_> = lax.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["Accept", "Cookie"]);
}

#[tokio::test]
async fn a_route_without_the_layer_says_what_is_missing() {
    let answer = Visitor::new(&routes()).get("/get/a").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &"internal_error".into())
    );
}

#[tokio::test]
async fn only_users_pass_where_a_login_is_needed() {
    let app = routes()
        .route("/account", get(|LoggedIn(user): LoggedIn| async move { user.as_str().to_owned() }))
        .layer(layer(&MemoryStore::new()));
    let mut visitor = Visitor::new(&app);
    let refused = visitor.get("/account").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::UNAUTHORIZED, &"sign_in_required".into())
    );
    visitor.post("/login/alice").await;
    assert_eq!(visitor.get("/account").await.text, "alice");
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Profile {
    theme: String,
    visits: u32,
}

#[tokio::test]
async fn a_session_can_be_one_struct() {
    async fn visit(session: Session) -> Result<String, SessionError> {
        let mut profile: Profile = session.read_all().await?;
        profile.visits += 1;
        session.write_all(&profile).await?;
        Ok(profile.visits.to_string())
    }
    let app = routes().route("/visit", post(visit)).layer(layer(&MemoryStore::new()));
    let mut visitor = Visitor::new(&app);
    visitor.post("/set/other/stays").await;
    visitor.post("/visit").await;
    assert_eq!(visitor.post("/visit").await.text, "2");
    assert_eq!(visitor.get("/data").await.text, r#"{"other":"stays","theme":"","visits":2}"#);
    visitor.post("/set/visits/many").await;
    assert_eq!(visitor.post("/visit").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}
