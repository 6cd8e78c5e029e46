//! A server's clock that jumps by an hour, forward and back, with each store.

mod common;
#[path = "../../tests/src/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod postgres;
#[path = "../../tests/src/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module elsewhere")]
mod redis;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use common::{SECRET, Visitor, routes};
use twinjar_server::store::{SessionStore, StoreUrl, UserId};
use twinjar_server::{Clock, ManualClock, Secrets, SessionLayer, SystemClock, UnixMillis};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// An application on a store, with a clock of its own that begins with the true time.
struct Place {
    name: &'static str,
    store: Arc<dyn SessionStore>,
    start: UnixMillis,
    clock: ManualClock,
    _server: Box<dyn Any>,
}

impl Place {
    async fn all() -> Vec<Self> {
        let (folder, redis, postgres) = (
            tempfile::tempdir().expect("a folder"),
            redis::Redis::start(&[]),
            postgres::Postgres::start(&[]),
        );
        let sqlite = format!("sqlite:{}", folder.path().join("sessions.sqlite").display());
        let (redis_url, postgres_url) = (redis.url(), postgres.url());
        let mut places = Vec::new();
        for (name, url, server) in [
            ("memory", "memory".to_owned(), Box::new(()) as Box<dyn Any>),
            ("SQLite", sqlite, Box::new(folder)),
            ("Redis", redis_url, Box::new(redis)),
            ("PostgreSQL", postgres_url, Box::new(postgres)),
        ] {
            let store = url.parse::<StoreUrl>().expect("a store").open().await.expect("a store");
            let start = SystemClock.now();
            places.push(Self { name, store, start, clock: ManualClock::new(start), _server: server });
        }
        places
    }

    /// With an idle timeout of this many hours, and half a day in all.
    fn app(&self, idle_hours: u32) -> Router {
        let secrets = Secrets::new([SECRET]).expect("long enough");
        let layer = SessionLayer::builder(Arc::clone(&self.store), &secrets)
            .clock(self.clock.clone())
            .idle_timeout(HOUR * idle_hours)
            .absolute_timeout(HOUR * 12);
        routes().layer(layer.build().expect("valid"))
    }

    fn jump(&self, hours: i64) {
        let by = HOUR.as_millis() as i64 * hours;
        self.clock.set(UnixMillis::new(self.start.as_millis().saturating_add_signed(by)));
    }
}

#[tokio::test]
async fn a_jump_forward_ends_what_would_have_ended_by_then_and_nothing_else() {
    for place in Place::all().await {
        let (short, long) = (place.app(1), place.app(3));
        let [mut brief, mut lasting] = [Visitor::new(&short), Visitor::new(&long)];
        brief.post("/set/a/1").await;
        lasting.post("/set/a/1").await;
        place.jump(1);
        assert_eq!(brief.get("/get/a").await.text, "-", "{}: unused for an hour", place.name);
        assert_eq!(lasting.get("/get/a").await.text, "1", "{}", place.name);
        // Back at the right time, what has been used meanwhile lives on.
        lasting.post("/set/b/2").await;
        place.jump(0);
        assert_eq!(lasting.get("/data").await.text, r#"{"a":"1","b":"2"}"#, "{}", place.name);
        lasting.post("/set/a/3").await;
        assert_eq!(lasting.get("/get/a").await.text, "3", "{}", place.name);
    }
}

#[tokio::test]
async fn a_jump_back_ends_nothing_and_lengthens_nothing_beyond_the_jump() {
    for place in Place::all().await {
        let app = place.app(3);
        let mut visitor = Visitor::new(&app);
        visitor.post("/set/a/1").await;
        place.jump(-1);
        // Sessions of the time before, and of the time after.
        visitor.post("/set/b/2").await;
        visitor.post("/rotate").await;
        let mut newcomer = Visitor::new(&app);
        newcomer.post("/set/a/4").await;
        assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"2"}"#, "{}", place.name);
        assert_eq!(newcomer.get("/get/a").await.text, "4", "{}", place.name);
        place.jump(0);
        assert_eq!(visitor.get("/get/b").await.text, "2", "{}", place.name);
        assert_eq!(newcomer.get("/get/a").await.text, "4", "{}", place.name);
        // Last used when the clock showed an hour less, it still ends three hours after the moment it showed before.
        place.jump(4);
        assert_eq!(visitor.get("/get/a").await.text, "-", "{}", place.name);
        assert_eq!(newcomer.get("/get/a").await.text, "-", "{}", place.name);
    }
}

/// With the default timeouts, which are shorter than the jump, and a sweep at every moment.
#[tokio::test]
async fn a_clock_that_goes_wrong_for_a_while_ends_nobodys_session() {
    for place in Place::all().await {
        let secrets = Secrets::new([SECRET]).expect("long enough");
        let layer = SessionLayer::builder(Arc::clone(&place.store), &secrets)
            .clock(place.clock.clone())
            .sweep_interval(Duration::from_millis(5));
        let app = routes().layer(layer.build().expect("valid"));
        let mut visitor = Visitor::new(&app);
        visitor.post("/login/alice").await;
        for hours in [1, -1] {
            place.jump(hours);
            let mut newcomer = Visitor::new(&app);
            assert_eq!(newcomer.post("/login/alice").await.status, 200, "{}: {hours} h", place.name);
            assert_eq!(newcomer.post("/set/a/1").await.status, 200, "{}: {hours} h", place.name);
            assert_eq!(newcomer.get("/get/a").await.text, "1", "{}: {hours} h", place.name);
            let swept = tokio::time::Instant::now() + Duration::from_millis(100);
            tokio::time::sleep_until(swept).await;
            place.jump(0);
            if place.name == "memory" && hours == 1 {
                // One process has one clock: what has ended by it is gone.
                visitor.post("/login/alice").await;
            }
            assert_eq!(visitor.get("/user").await.text, "alice", "{}: {hours} h", place.name);
            let alice = place.store.list(&UserId::new("alice"), place.start).await.expect("a list");
            assert!(alice.len() >= 2, "{}: {hours} h: {} sessions are listed", place.name, alice.len());
        }
    }
}

#[tokio::test]
async fn a_logout_holds_whatever_the_clock_shows() {
    for place in Place::all().await {
        let app = place.app(3);
        for hours in [-1, 1] {
            place.jump(0);
            let mut visitor = Visitor::new(&app);
            visitor.post("/login/alice").await;
            let mut copy = visitor.clone();
            visitor.post("/destroy").await;
            place.jump(hours);
            assert_eq!(copy.get("/user").await.text, "-", "{}: {hours} h", place.name);
        }
    }
}

/// Servers whose clocks are an hour apart.
#[tokio::test]
async fn servers_that_disagree_about_the_time_lose_nothing() {
    for place in Place::all().await {
        let app = place.app(3);
        let mut visitor = Visitor::new(&app);
        visitor.post("/set/n/x").await;
        for round in 0..10 {
            place.jump(if round % 2 == 0 { 1 } else { 0 });
            visitor.post(&format!("/set/k{round}/{round}")).await;
            if round % 3 == 0 {
                visitor.post("/rotate").await;
            }
        }
        for round in 0..10 {
            assert_eq!(
                visitor.get(&format!("/get/k{round}")).await.text,
                round.to_string(),
                "{}: {round}",
                place.name
            );
        }
    }
}
