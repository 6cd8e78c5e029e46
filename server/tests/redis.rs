//! Two servers on one Redis: what one changes, the other's event streams tell at once; and how often Redis is asked.

mod common;
#[path = "../../tests/src/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod server;

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::BodyDataStream;
use common::{SECRET, Visitor};
use futures_util::StreamExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use server::Redis;
use twinjar_server::store::{NearCache, NearCacheLimits, News, RedisStore, SessionStore};
use twinjar_server::{Secrets, SessionApi, SessionLayer};

const PATIENCE: Duration = Duration::from_secs(20);

fn app(store: impl SessionStore) -> Router {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(store, &secrets).build().expect("valid");
    common::routes().nest("/api/session", SessionApi::new().router()).layer(layer)
}

async fn store(redis: &Redis) -> RedisStore {
    RedisStore::connect(redis.url().parse().expect("a URL")).await.expect("it answers")
}

/// The same browser at another server.
fn at(app: &Router, visitor: &Visitor) -> Visitor {
    let mut there = Visitor::new(app);
    there.jar = visitor.jar.clone();
    there
}

/// An open event stream.
struct Listener(BodyDataStream);

impl Listener {
    async fn of(visitor: &Visitor) -> Self {
        let response = visitor.open(Method::GET, "/api/session/events", &[], "").await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut listener = Self(response.into_body().into_data_stream());
        assert!(listener.frame().await.is_some_and(|opening| opening.contains("retry:")));
        listener
    }

    /// The next event's data. `None`: the server has closed the stream.
    async fn event(&mut self) -> Option<Value> {
        loop {
            let frame = self.frame().await?;
            if let Some(data) = frame.lines().find_map(|line| line.strip_prefix("data: ")) {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
        }
    }

    async fn frame(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("the stream is silent");
        Some(String::from_utf8(frame?.expect("a frame").to_vec()).expect("text"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_follow_what_another_server_does() {
    let redis = Redis::start(&[]);
    let (store, other) = (store(&redis).await, store(&redis).await);
    let start = Instant::now();
    while !store.news().is_some_and(News::is_current) {
        assert!(start.elapsed() < PATIENCE, "Redis tells nothing");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (here, there) = (app(store), app(other));
    let mut visitor = Visitor::new(&there);
    assert_eq!(visitor.post("/set/name/plum").await.status, StatusCode::OK);
    let mut listener = Listener::of(&at(&here, &visitor)).await;

    let mut slowest = Duration::ZERO;
    for revision in 2..12 {
        let changed = Instant::now();
        visitor.post("/increment").await;
        assert_eq!(listener.event().await, Some(json!({ "type": "changed", "revision": revision })));
        slowest = slowest.max(changed.elapsed());
    }
    println!("a change by another server was told within {slowest:?}");
    // Long before the next heartbeat, which comes after many seconds.
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");

    // The session moves, with and without a trace under its old key, and is watched on.
    for path in ["/rotate", "/login/alice", "/increment"] {
        visitor.post(path).await;
        assert_eq!(listener.event().await.expect("an event")["type"], "changed", "{path}");
    }
    visitor.post("/destroy").await;
    assert_eq!(listener.event().await, Some(json!({ "type": "ended", "reason": "destroyed" })));
    assert_eq!(listener.event().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_updating_take_one_round_trip() {
    let redis = Redis::start(&[]);
    let plain = app(store(&redis).await);
    let mut visitor = Visitor::new(&plain);
    visitor.post("/increment").await;
    // The script's text is sent once.
    visitor.post("/increment").await;
    let before = commands(&redis);
    for n in 3..103 {
        assert_eq!(visitor.post("/increment").await.text, n.to_string());
    }
    assert_eq!(commands(&redis) - before, 100, "updates");
    let before = commands(&redis);
    for _ in 0..100 {
        visitor.get("/get/name").await;
    }
    assert_eq!(commands(&redis) - before, 100, "reads");

    let cached = NearCache::new(store(&redis).await, NearCacheLimits::default());
    let mut visitor = at(&app(cached), &visitor);
    let start = Instant::now();
    loop {
        let before = commands(&redis);
        for _ in 0..100 {
            visitor.get("/get/name").await;
        }
        // Besides proofs of the channel, which are few.
        if commands(&redis) - before < 10 {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the near cache does not answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_what_has_changed_or_ended_elsewhere_is_right() {
    let redis = Redis::start(&[]);
    let (here, there) = (app(store(&redis).await), app(store(&redis).await));
    let mut visitor = Visitor::new(&here);
    visitor.post("/increment").await;
    let mut elsewhere = at(&there, &visitor);
    for n in 1..20 {
        assert_eq!(elsewhere.post("/increment").await.text, (2 * n).to_string());
        assert_eq!(visitor.post("/increment").await.text, (2 * n + 1).to_string());
    }
    elsewhere.post("/destroy").await;
    let answer = visitor.post("/increment").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "1"), "a new session");
}

/// How many commands on sessions Redis has been sent so far.
fn commands(redis: &Redis) -> u64 {
    let mut info = std::net::TcpStream::connect(("127.0.0.1", redis.port())).expect("it listens");
    std::io::Write::write_all(&mut info, b"INFO commandstats\r\nQUIT\r\n").expect("sent");
    let text = std::io::read_to_string(info).expect("answered");
    let calls = |line: &str| {
        let (name, stats) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let is_asked = matches!(name, "get" | "evalsha" | "eval");
        is_asked.then(|| stats.split_once(',')?.0.parse::<u64>().ok()).flatten()
    };
    text.lines().filter_map(calls).sum()
}
