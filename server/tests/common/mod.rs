//! A visitor without a socket: sends requests to a router and keeps cookies as a browser does.

#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod log;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{get, post};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use twinjar_server::store::{MemoryStore, UserId};
use twinjar_server::{
    Expiry, ManualClock, Secrets, Session, SessionError, SessionLayer, SessionLayerBuilder, UnixMillis,
};

pub(crate) const SECRET: &str = "a secret of thirty-two bytes, or more";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// All `Set-Cookie` lines.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().expect("ASCII")).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A browser's cookies, and the application they belong to.
#[derive(Clone)]
pub(crate) struct Visitor {
    app: Router,
    pub(crate) jar: BTreeMap<String, String>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Visitor {
    pub(crate) fn new(app: &Router) -> Self {
        Self { app: app.clone(), jar: BTreeMap::new(), headers: vec![("host", "127.0.0.1".to_owned())] }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&mut self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], "").await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Answer {
        let response = self.open(method, path, headers, body).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let answer = Answer { status: parts.status, headers: parts.headers, text };
        self.keep(&answer);
        answer
    }

    /// The response as soon as its headers are there; its cookies are not kept.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.jar.is_empty() {
            let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.as_ref().to_vec())).expect("a request");
        self.app.clone().oneshot(request).await.expect("infallible")
    }

    /// The value of the session cookie.
    pub(crate) fn session_cookie(&self) -> Option<&str> {
        self.jar.get("__Host-id").map(String::as_str)
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (name, rest) = line.split_once('=').expect("a pair");
            let value = rest.split(';').next().unwrap_or_default();
            if line.contains("Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// An application with one handler for every session operation, on a clock that stands still.
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|layer| layer)
    }

    pub(crate) fn with(set_up: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder) -> Self {
        let clock = ManualClock::new(UnixMillis::new(1_767_225_600_000));
        let store = MemoryStore::new();
        let secrets = Secrets::new([SECRET]).expect("long enough");
        let layer = set_up(SessionLayer::builder(store.clone(), &secrets).clock(clock.clone()));
        Self { router: routes().layer(layer.build().expect("valid")), clock, store }
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(&self.router)
    }
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/plain", get(|| async { "plain" }))
        .route("/get/{key}", get(read))
        .route("/set/{key}/{value}", post(write))
        .route("/remove/{key}", post(remove))
        .route("/take/{key}", post(take))
        .route("/increment", post(increment))
        .route("/think/{milliseconds}", post(think))
        .route("/slow-get/{milliseconds}", get(slow_get))
        .route("/slow-destroy/{milliseconds}", post(slow_destroy))
        .route("/update-and-think/{milliseconds}", post(update_and_think))
        .route("/number/{key}", get(number))
        .route("/remember/{seconds}", post(remember))
        .route("/remember-now/{seconds}", post(remember_now))
        .route("/forget", post(forget))
        .route("/rotate-and-think/{milliseconds}", post(rotate_and_think))
        .route("/clear", post(|session: Session| async move { session.clear().await }))
        .route("/destroy", post(|session: Session| async move { session.destroy().await }))
        .route("/rotate", post(|session: Session| async move { session.rotate().await }))
        .route("/login/{user}", post(login))
        .route("/user", get(user))
        .route("/data", get(data))
}

async fn read(session: Session, Path(key): Path<String>) -> Result<String, SessionError> {
    Ok(session.get::<String>(&*key).await?.unwrap_or_else(|| "-".to_owned()))
}

async fn write(session: Session, Path((key, value)): Path<(String, String)>) -> Result<(), SessionError> {
    session.insert(&*key, value).await
}

async fn remove(session: Session, Path(key): Path<String>) -> Result<(), SessionError> {
    session.remove(&key).await
}

async fn take(session: Session, Path(key): Path<String>) -> Result<String, SessionError> {
    Ok(session.take::<String>(&*key).await?.unwrap_or_else(|| "-".to_owned()))
}

async fn increment(session: Session) -> Result<String, SessionError> {
    Ok(session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).await?.to_string())
}

/// Reads `n`, thinks, and writes one more: what loses updates unless requests take turns.
async fn think(session: Session, Path(milliseconds): Path<u64>) -> Result<(), SessionError> {
    let n: i64 = session.get("n").await?.unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    session.insert("n", n + 1).await
}

async fn slow_get(session: Session, Path(milliseconds): Path<u64>) -> Result<(), SessionError> {
    session.info().await?;
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(())
}

async fn slow_destroy(session: Session, milliseconds: Path<u64>) -> Result<(), SessionError> {
    slow_get(session.clone(), milliseconds).await?;
    session.destroy().await
}

/// Commits at once, and answers late.
async fn update_and_think(session: Session, Path(milliseconds): Path<u64>) -> Result<(), SessionError> {
    session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).await?;
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(())
}

async fn number(session: Session, Path(key): Path<String>) -> Result<String, SessionError> {
    Ok(session.get::<i64>(&*key).await?.unwrap_or_default().to_string())
}

async fn remember(session: Session, Path(seconds): Path<u64>) -> Result<(), SessionError> {
    let idle = Duration::from_secs(seconds);
    session.set_expiry(Expiry { idle, absolute: idle * 100, persistent: true }).await
}

async fn remember_now(session: Session, seconds: Path<u64>) -> Result<(), SessionError> {
    remember(session.clone(), seconds).await?;
    session.save().await
}

async fn forget(session: Session) -> Result<(), SessionError> {
    let idle = Duration::from_secs(60);
    session.set_expiry(Expiry { idle, absolute: idle * 100, persistent: false }).await?;
    session.save().await
}

async fn rotate_and_think(session: Session, milliseconds: Path<u64>) -> Result<(), SessionError> {
    session.rotate().await?;
    think(session, milliseconds).await
}

async fn login(session: Session, Path(user): Path<String>) -> Result<(), SessionError> {
    session.set_user(UserId::new(user)).await
}

async fn user(session: Session) -> Result<String, SessionError> {
    Ok(session.user().await?.map_or_else(|| "-".to_owned(), |user| user.as_str().to_owned()))
}

async fn data(session: Session) -> Result<String, SessionError> {
    Ok(session.data().await?.as_str().to_owned())
}
