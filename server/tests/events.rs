//! The event stream: what a page hears of its session, and what listening must not do.

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use common::{SECRET, Visitor};
use futures_util::StreamExt;
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};
use twinjar_server::store::MemoryStore;
use twinjar_server::{
    Locking, ManualClock, Secrets, SessionApi, SessionLayer, SessionLayerBuilder, UnixMillis,
};

const NOW: u64 = 1_767_225_600_000;
const MINUTE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(120);

struct App {
    router: Router,
    layer: SessionLayer,
    clock: ManualClock,
}

impl App {
    fn new() -> Self {
        Self::with(|layer| layer, |api| api)
    }

    /// Sessions end after 30 minutes without use, and 12 hours in any case.
    fn with(
        set_layer: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
        set_api: impl FnOnce(SessionApi) -> SessionApi,
    ) -> Self {
        let clock = ManualClock::new(UnixMillis::new(NOW));
        let secrets = Secrets::new([SECRET]).expect("long enough");
        let builder = SessionLayer::builder(MemoryStore::new(), &secrets).clock(clock.clone());
        let layer = set_layer(builder).build().expect("valid");
        let api = set_api(SessionApi::new()).router();
        let router = common::routes().nest("/api/session", api).layer(layer.clone());
        Self { router, layer, clock }
    }

    /// A visitor who has a session.
    async fn visitor(&self) -> Visitor {
        let mut visitor = Visitor::new(&self.router);
        assert_eq!(visitor.post("/set/name/plum").await.status, StatusCode::OK);
        visitor
    }
}

/// An open stream.
struct Listener {
    frames: BodyDataStream,
    position: String,
}

impl Listener {
    async fn of(visitor: &Visitor) -> Self {
        Self::resumed(visitor, None).await
    }

    async fn resumed(visitor: &Visitor, position: Option<&str>) -> Self {
        let last: Vec<_> = position.map(|position| ("last-event-id", position)).into_iter().collect();
        Self::open(visitor, "/api/session/events", &last).await
    }

    async fn open(visitor: &Visitor, address: &str, headers: &[(&str, &str)]) -> Self {
        let response = visitor.open(Method::GET, address, headers, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["vary"], "Cookie");
        let mut listener = Self { frames: response.into_body().into_data_stream(), position: String::new() };
        let opening = listener.frame().await.expect("an opening");
        assert!(opening.contains("retry: 2000\n") && !opening.contains("data:"), "{opening}");
        listener.position = field(&opening, "id").expect("a position").to_owned();
        listener
    }

    /// The next event's data. `None`: the server has closed the stream.
    async fn event(&mut self) -> Option<Value> {
        // On a clock that stands still, heartbeats come without end.
        for _ in 0..1000 {
            let frame = self.frame().await?;
            if frame.starts_with(':') {
                continue;
            }
            let data: Value = serde_json::from_str(field(&frame, "data")?).expect("JSON");
            assert_eq!(data["type"], field(&frame, "event").expect("a name"));
            self.position = field(&frame, "id").expect("a position").to_owned();
            return Some(data);
        }
        panic!("nothing but heartbeats");
    }

    /// Asserts that the server has nothing to say but that it is there.
    async fn hears_nothing(&mut self) {
        for _ in 0..3 {
            assert_eq!(self.frame().await.as_deref(), Some(": \n\n"));
        }
    }

    async fn frame(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(PATIENCE, self.frames.next()).await.expect("the stream is silent");
        Some(String::from_utf8(frame?.expect("a frame").to_vec()).expect("text"))
    }
}

fn field<'a>(frame: &'a str, name: &str) -> Option<&'a str> {
    frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn ended(reason: &str) -> Option<Value> {
    Some(json!({ "type": "ended", "reason": reason }))
}

async fn status(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test(start_paused = true)]
async fn every_tab_of_a_session_hears_of_a_change_and_nobody_else_does() {
    let app = App::new();
    let (mut visitor, other) = (app.visitor().await, app.visitor().await);
    let (mut first, mut second) = (Listener::of(&visitor).await, Listener::of(&visitor).await);
    let mut foreign = Listener::of(&other).await;
    visitor.post("/set/name/pear").await;
    for tab in [&mut first, &mut second] {
        assert_eq!(tab.event().await, Some(json!({ "type": "changed", "revision": 2 })));
    }
    visitor.post("/increment").await;
    assert_eq!(first.event().await, Some(json!({ "type": "changed", "revision": 3 })));
    foreign.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_follows_its_session_through_rotation_and_login() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    for path in ["/rotate", "/login/alice", "/rotate", "/increment"] {
        assert_eq!(visitor.post(path).await.status, StatusCode::OK);
        assert_eq!(listener.event().await.expect("an event")["type"], "changed", "{path}");
        // Quiet for long enough to look after the session, under its new key.
        listener.hears_nothing().await;
    }
    visitor.post("/destroy").await;
    assert_eq!(listener.event().await, ended("destroyed"));
}

#[tokio::test(start_paused = true)]
async fn the_end_is_told_at_once_and_closes_the_stream() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    let before = tokio::time::Instant::now();
    visitor.post("/destroy").await;
    assert_eq!(listener.event().await, ended("destroyed"));
    assert_eq!(listener.event().await, None);
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn devices_that_are_revoked_hear_it() {
    let app = App::new();
    let mut phone = app.visitor().await;
    phone.post("/login/alice").await;
    let handle = phone.get("/api/session").await.json()["handle"].as_str().expect("a handle").to_owned();
    let (mut tablet, mut laptop) = (app.visitor().await, app.visitor().await);
    for device in [&mut tablet, &mut laptop] {
        device.post("/login/alice").await;
    }
    let mut on_phone = Listener::of(&phone).await;
    let (mut on_tablet, mut on_laptop) = (Listener::of(&tablet).await, Listener::of(&laptop).await);
    let revoked = laptop.send(Method::DELETE, &format!("/api/session/devices/{handle}"), &[], "").await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(on_phone.event().await, ended("revoked"));
    laptop.post("/api/session/devices/revoke-others").await;
    assert_eq!(on_tablet.event().await, ended("revoked"));
    on_laptop.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_use_of_a_stolen_id_is_told_as_revocation() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    let mut thief = visitor.clone();
    visitor.post("/rotate").await;
    visitor.get("/get/name").await;
    let mut listener = Listener::of(&visitor).await;
    app.clock.advance(Duration::from_secs(11));
    thief.get("/get/name").await;
    assert_eq!(listener.event().await, ended("revoked"));
}

#[tokio::test(start_paused = true)]
async fn listening_does_not_keep_a_session_alive() {
    let app = App::new();
    let visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    app.clock.advance(27 * MINUTE);
    listener.hears_nothing().await;
    // Not even connecting again does.
    drop(listener);
    let mut listener = Listener::of(&visitor).await;
    app.clock.advance(MINUTE);
    let expires_at = NOW + 30 * 60_000;
    assert_eq!(listener.event().await, Some(json!({ "type": "expiring", "expiresAt": expires_at })));
    listener.hears_nothing().await;
    app.clock.advance(2 * MINUTE);
    assert_eq!(listener.event().await, ended("expired"));
    assert_eq!(listener.event().await, None);
}

#[tokio::test(start_paused = true)]
async fn use_postpones_the_end_and_what_is_told_of_it() {
    let app = App::with(|layer| layer, |api| api.expiry_notice(10 * MINUTE));
    let mut visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    app.clock.advance(20 * MINUTE);
    assert_eq!(listener.event().await.expect("an event")["expiresAt"], NOW + 30 * 60_000);
    visitor.get("/get/name").await;
    app.clock.advance(19 * MINUTE);
    listener.hears_nothing().await;
    app.clock.advance(MINUTE);
    assert_eq!(listener.event().await.expect("an event")["expiresAt"], NOW + 50 * 60_000);
}

#[tokio::test]
async fn a_session_that_runs_out_is_told_by_the_real_clock() {
    let set_layer = |layer: SessionLayerBuilder| {
        layer.clock(twinjar_server::SystemClock).idle_timeout(Duration::from_millis(300))
    };
    let app = App::with(set_layer, |api| api);
    let visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    assert_eq!(listener.event().await.expect("an event")["type"], "expiring");
    assert_eq!(listener.event().await, ended("expired"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_takes_no_turn_and_holds_none() {
    let set_layer = |layer: SessionLayerBuilder| layer.locking(Locking::Exclusive);
    let app = App::with(set_layer, |api| api);
    let visitor = app.visitor().await;
    let mut slow = visitor.clone();
    let think = tokio::spawn(async move { slow.post("/think/5000").await.status });
    tokio::task::yield_now().await;
    let before = tokio::time::Instant::now();
    let mut listener = Listener::of(&visitor).await;
    assert_eq!(before.elapsed(), Duration::ZERO, "opened during another request's turn");
    assert_eq!(listener.event().await.expect("an event")["type"], "changed");
    assert_eq!(think.await.expect("no panic"), StatusCode::OK);
    assert_eq!(before.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_hears_the_last_word_only() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    let mut listener = Listener::of(&visitor).await;
    for _ in 0..1000 {
        visitor.post("/increment").await;
    }
    assert_eq!(listener.event().await, Some(json!({ "type": "changed", "revision": 1001 })));
    listener.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_connects_again_hears_what_it_has_missed() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    let position = Listener::of(&visitor).await.position;
    Listener::resumed(&visitor, Some(&position)).await.hears_nothing().await;
    visitor.post("/increment").await;
    let mut listener = Listener::resumed(&visitor, Some(&position)).await;
    assert_eq!(listener.event().await, Some(json!({ "type": "changed", "revision": 2 })));
    // The companion of another session, say after a login elsewhere.
    let other = app.visitor().await;
    let mut listener = Listener::resumed(&other, Some(&position)).await;
    assert_eq!(listener.event().await, Some(json!({ "type": "changed", "revision": 1 })));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_opens_another_stream_hears_what_it_has_missed() {
    let app = App::new();
    let mut visitor = app.visitor().await;
    visitor.post("/increment").await;
    let changed = Some(json!({ "type": "changed", "revision": 2 }));
    for (query, first) in [("revision=2", None), ("revision=1", changed.clone()), ("x&revision=", changed)] {
        let address = format!("/api/session/events?{query}");
        let mut listener = Listener::open(&visitor, &address, &[]).await;
        match first {
            Some(_) => assert_eq!(listener.event().await, first, "{query}"),
            None => listener.hears_nothing().await,
        }
        // What the browser itself says when it connects again is newer than the address.
        let last = [("last-event-id", listener.position.as_str())];
        Listener::open(&visitor, &address, &last).await.hears_nothing().await;
    }
}

#[tokio::test]
async fn without_a_session_there_is_no_stream_and_none_begins() {
    let app = App::with(|layer| layer.save_uninitialized(true).companion_cookie(true), |api| api);
    let mut visitor = Visitor::new(&app.router);
    let answer = visitor.get("/api/session/events").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("no_session")));
    assert!(answer.set_cookies().is_empty());
    // The cookies of a session that has ended go, so that the page sees it.
    let mut visitor = app.visitor().await;
    app.clock.advance(31 * MINUTE);
    let answer = visitor.get("/api/session/events").await;
    assert_eq!((answer.status, answer.set_cookies().len(), visitor.jar.len()), (StatusCode::NOT_FOUND, 2, 0));
}

#[tokio::test]
async fn streams_are_bounded_and_a_closed_one_frees_its_place() {
    let app = App::with(|layer| layer, |api| api.max_event_streams(2, 3));
    let (visitor, other) = (app.visitor().await, app.visitor().await);
    let open = async |visitor: &Visitor| visitor.open(Method::GET, "/api/session/events", &[], "").await;
    let (first, second) = (open(&visitor).await, open(&visitor).await);
    let (refused, problem) = status(open(&visitor).await).await;
    assert_eq!((refused.as_u16(), &problem["code"]), (429, &json!("too_many_requests")), "per session");
    let third = open(&other).await;
    assert_eq!(open(&other).await.status(), StatusCode::TOO_MANY_REQUESTS, "in all");
    drop(first);
    assert_eq!(open(&visitor).await.status(), StatusCode::OK);
    drop((second, third));
}

#[tokio::test]
async fn a_shutdown_ends_all_streams() {
    let app = App::new();
    let (visitor, other) = (app.visitor().await, app.visitor().await);
    let (mut first, mut second) = (Listener::of(&visitor).await, Listener::of(&other).await);
    app.layer.end_event_streams();
    assert_eq!((first.event().await, second.event().await), (None, None));
    assert_eq!(Listener::of(&visitor).await.event().await, None, "nor does a new one stay open");
}

#[tokio::test(start_paused = true)]
async fn many_streams_hear_their_own_session() {
    let app = App::with(|layer| layer, |api| api.max_event_streams(1, 2000));
    let mut visitors = Vec::new();
    for _ in 0..2000 {
        let visitor = app.visitor().await;
        let listener = Listener::of(&visitor).await;
        visitors.push((visitor, listener));
    }
    for (visitor, listener) in visitors.iter_mut().step_by(7) {
        visitor.post("/increment").await;
        assert_eq!(listener.event().await, Some(json!({ "type": "changed", "revision": 2 })));
    }
    for (_, listener) in visitors.iter_mut().skip(1).step_by(7) {
        listener.hears_nothing().await;
    }
}
