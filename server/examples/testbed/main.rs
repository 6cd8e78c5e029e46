//! A small server on the library's public API alone, for benchmarks, fault tests and interoperability tests.
//!
//! It listens on `127.0.0.1:$PORT` (default 8081) and is set up by the environment:
//!
//! - `STORE`: `memory` (default), `sqlite:PATH[?near_cache=off]`, `redis://HOST:PORT[?near_cache=on]`, `postgres://HOST:PORT/DATABASE`
//! - `SECRETS`: a comma list, the first signs (default: a random one)
//! - `COOKIE_NAME`: default `id`
//! - `LOCKING`: `merge` (default) or `exclusive`
//! - `IDLE_SECONDS`, `ABSOLUTE_SECONDS`
//! - `TRUST_PROXY=1`: `X-Forwarded-Proto` decides whether cookies are `Secure`
//! - `CSRF=1`: the guard on every unsafe route
//! - `EXPRESS=1`: the cookie `connect.sid` and records as Express has them, in the Redis of `STORE` as connect-redis
//!   does, or in its PostgreSQL as connect-pg-simple does. Then also `PREFIX` (default `sess:`), `MAX_AGE_MS` (default:
//!   the cookie ends with the browser), `ROLLING=1`, `RESAVE=1`, `SAVE_UNINIT=1`, `USER_KEY` (the value that tells who
//!   has logged in), `OPTIONS` (further options as Express names them, such as `{"cookie":{"sameSite":"strict"}}`);
//!   `IDLE_SECONDS` is how long a session lives whose cookie has no end
//! - `ADOPT`: without `EXPRESS=1`, the Redis (those with `PREFIX`) or PostgreSQL from which sessions of Express' are taken
//!   over, until `ADOPT_UNTIL` (milliseconds since the Unix epoch; default: for ever)
//!
//! SIGTERM and Ctrl-C stop it after the requests in flight. Answers are JSON.

mod body;
mod cookies;
mod express;
mod options;
#[path = "../../src/bin/demo/stop.rs"]
mod stop;
mod waiting;

use std::error::Error;
use std::time::Duration;

use axum::extract::{Query, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, ServiceExt};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tower_layer::Layer;
use twinjar_server::store::{SessionData, StoreUrl, UserId};
use twinjar_server::{
    CookieSecurity, CookiesLayer, CsrfLayer, Locking, Secrets, Session, SessionCookie, SessionError,
    SessionLayer,
};
use twinjar_shared::session::ProblemCode;

use self::body::{Body, refused};

type Answer = Result<Response, SessionError>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stop = stop::signal()?;
    let port: u16 = setting("PORT")?.unwrap_or(8081);
    let secrets = secrets()?;
    let mut app = routes(CookiesLayer::new(&secrets));
    if flag("CSRF") {
        app = app.layer(CsrfLayer::new());
    }
    let sessions = if flag("EXPRESS") {
        express::session_layer(&secrets).await?
    } else {
        session_layer(&secrets).await?
    };
    let app = app.route("/health", get(|| async { Json(json!({ "ok": true })) })).merge(waiting::routes());
    // Around the whole application, and not on its routes: axum boxes what is on a route, with every request.
    let app = sessions.layer(app.with_state(()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("testbed: http://{}/", listener.local_addr()?);
    let app = ServiceExt::<Request>::into_make_service(app);
    axum::serve(listener, app).with_graceful_shutdown(stop).await?;
    Ok(())
}

fn routes(cookies: CookiesLayer) -> Router {
    Router::new()
        .route("/plain", get(|| async { peer(0) }))
        .route("/read", get(read))
        .route("/write", post(write))
        .route("/naive-write", post(|session| naive_write(session, Duration::ZERO)))
        .route("/slow-write", post(|session| naive_write(session, Duration::from_millis(5))))
        .route("/new", post(new))
        .route("/session", get(all).post(merge))
        .route("/incr", post(increment))
        .route("/slow", get(slow_read).post(slow_merge))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/clear", post(clear))
        .route("/reload", post(reload))
        .route("/regenerate", post(regenerate))
        .route("/user", get(user))
        .route("/csrf", get(csrf_token))
        .route("/cookies", get(cookies::show).post(cookies::set).layer(cookies))
}

fn secrets() -> Result<Secrets, Box<dyn Error>> {
    Ok(match std::env::var("SECRETS") {
        Ok(list) => Secrets::insecure_of_any_length(list.split(',').filter(|secret| !secret.is_empty()))?,
        Err(_) => Secrets::random(),
    })
}

async fn session_layer(secrets: &Secrets) -> Result<SessionLayer, Box<dyn Error>> {
    // Clients here speak plain http: Secure follows the connection, so that they keep the cookie.
    let mut cookie = SessionCookie::new().security(CookieSecurity::InsecureOverHttp);
    if let Ok(name) = std::env::var("COOKIE_NAME") {
        cookie = cookie.name(name);
    }
    let store: StoreUrl = std::env::var("STORE").unwrap_or_else(|_| "memory".to_owned()).parse()?;
    let store = store.open().await?;
    let mut layer = SessionLayer::builder(store, secrets).cookie(cookie).locking(locking()?);
    if let Some(seconds) = setting("IDLE_SECONDS")? {
        layer = layer.idle_timeout(Duration::from_secs(seconds));
    }
    if let Some(seconds) = setting("ABSOLUTE_SECONDS")? {
        layer = layer.absolute_timeout(Duration::from_secs(seconds));
    }
    if flag("TRUST_PROXY") {
        layer = layer.trust_forwarded_proto();
    }
    if let Some(adoption) = express::adoption(secrets).await? {
        layer = layer.adopt_express(adoption);
    }
    Ok(layer.build()?)
}

fn locking() -> Result<Locking, Box<dyn Error>> {
    match std::env::var("LOCKING").as_deref() {
        Ok("merge" | "") | Err(_) => Ok(Locking::Merge),
        Ok("exclusive") => Ok(Locking::Exclusive),
        Ok(other) => Err(format!("LOCKING is merge or exclusive, not {other}").into()),
    }
}

fn flag(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value == "1")
}

fn setting<T: std::str::FromStr>(name: &str) -> Result<Option<T>, Box<dyn Error>> {
    match std::env::var(name) {
        Ok(text) => text.parse().map(Some).map_err(|_| format!("{name} is not a number").into()),
        Err(_) => Ok(None),
    }
}

/// The shape that all peers of a benchmark answer with.
fn peer(n: i64) -> Response {
    #[derive(serde::Serialize)]
    struct Peer {
        ok: bool,
        src: &'static str,
        n: i64,
    }
    Json(Peer { ok: true, src: "peer", n }).into_response()
}

async fn read(session: Session) -> Answer {
    Ok(peer(session.get("n").await?.unwrap_or(0)))
}

async fn write(session: Session) -> Answer {
    Ok(peer(session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).await?))
}

async fn naive_write(session: Session, thinking: Duration) -> Answer {
    let n: i64 = session.get("n").await?.unwrap_or(0);
    if !thinking.is_zero() {
        tokio::time::sleep(thinking).await;
    }
    session.insert("n", n + 1).await?;
    Ok(peer(n + 1))
}

async fn new(session: Session) -> Answer {
    session.destroy().await?;
    session.insert("n", 1).await?;
    Ok(peer(1))
}

async fn all(session: Session) -> Answer {
    #[derive(serde::Serialize)]
    struct Whole<'a> {
        session: &'a RawValue,
    }
    let data = session.data().await?;
    let data = serde_json::from_str(data.as_str()).expect("session data is an object");
    Ok(Json(Whole { session: data }).into_response())
}

async fn merge(session: Session, Body(values): Body<Box<RawValue>>) -> Answer {
    let Ok(values) = SessionData::parse(values.get()) else {
        return Ok(refused(ProblemCode::ValueRejected, "The body is not a JSON object"));
    };
    for (key, json) in values.entries() {
        // As written: numbers keep their digits.
        let value: &RawValue = serde_json::from_str(json).expect("a part of JSON is JSON");
        match session.insert(&*key, value).await {
            Err(error @ SessionError::Value { .. }) => {
                return Ok(refused(ProblemCode::ValueRejected, &error.to_string()));
            }
            outcome => outcome?,
        }
    }
    all(session).await
}

async fn reload(session: Session, values: Body<Box<RawValue>>) -> Answer {
    merge(session.clone(), values).await?;
    session.reload().await?;
    all(session).await
}

#[derive(Deserialize)]
struct Wait {
    #[serde(default)]
    ms: u64,
}

async fn increment(session: Session, Query(wait): Query<Wait>) -> Answer {
    session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).await?;
    if wait.ms > 0 {
        waiting::wait(Duration::from_millis(wait.ms)).await;
    }
    all(session).await
}

async fn slow_read(session: Session, Query(wait): Query<Wait>) -> Answer {
    session.data().await?;
    waiting::wait(Duration::from_millis(wait.ms)).await;
    all(session).await
}

async fn slow_merge(session: Session, Query(wait): Query<Wait>, values: Body<Box<RawValue>>) -> Answer {
    session.data().await?;
    waiting::wait(Duration::from_millis(wait.ms)).await;
    merge(session, values).await
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

async fn login(session: Session, Body(login): Body<Login>) -> Answer {
    session.set_user(UserId::new(&*login.user)).await?;
    session.insert("user", login.user).await?;
    all(session).await
}

async fn user(session: Session) -> Answer {
    let user = session.user().await?;
    Ok(Json(json!({ "user": user.as_ref().map(UserId::as_str) })).into_response())
}

async fn clear(session: Session) -> Answer {
    session.clear().await?;
    Ok(Json(json!({ "ok": true })).into_response())
}

async fn logout(session: Session) -> Answer {
    session.destroy().await?;
    Ok(Json(json!({ "ok": true })).into_response())
}

async fn regenerate(session: Session) -> Answer {
    session.rotate().await?;
    all(session).await
}

async fn csrf_token(session: Session) -> Answer {
    let token = session.csrf_token().await?.unwrap_or_default();
    Ok(Json(json!({ "token": token })).into_response())
}
