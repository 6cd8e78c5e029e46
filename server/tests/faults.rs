//! A store that several servers share, and that fails for a moment: nobody is logged in by halves, nor out again.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use common::{SECRET, Visitor, routes};
use http::{Method, StatusCode};
use twinjar_server::store::{
    Commit, Committed, Loaded, MemoryStore, Record, Rotation, SessionStore, StoreError, StoreErrorKind,
    StoreFuture, StoreLock, Touch, UserId,
};
use twinjar_server::{
    ManualClock, Secrets, Session, SessionApi, SessionKey, SessionLayer, SessionLayerBuilder, StoreKey,
    UnixMillis,
};

/// A store in memory whose operations fail while it is told so; creations and commits once.
#[derive(Clone, Default)]
struct Failing {
    store: MemoryStore,
    creations: Fault,
    loads: Fault,
    commits: Fault,
    rotations: Fault,
    touches: Fault,
    confirmations: Fault,
}

type Fault = Arc<Mutex<Option<StoreErrorKind>>>;

fn check(fault: &Mutex<Option<StoreErrorKind>>) -> Result<(), StoreError> {
    fault.lock().expect("no panic").map_or(Ok(()), |kind| Err(StoreError::new(kind)))
}

fn once(fault: &Mutex<Option<StoreErrorKind>>) -> Result<(), StoreError> {
    fault.lock().expect("no panic").take().map_or(Ok(()), |kind| Err(StoreError::new(kind)))
}

impl SessionStore for Failing {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            once(&self.creations)?;
            self.store.create(key, record, now).await
        })
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::new(async move {
            check(&self.loads)?;
            self.store.load(key, now).await
        })
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(async move {
            once(&self.commits)?;
            self.store.commit(key, commit, now).await
        })
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            check(&self.touches)?;
            self.store.touch(key, touch, now).await
        })
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(async move {
            check(&self.rotations)?;
            self.store.rotate(key, rotation, commit, now).await
        })
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        StoreFuture::new(async move {
            check(&self.confirmations)?;
            self.store.confirm_rotation(key, retire_at).await
        })
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.store.delete(key, now)
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        self.store.list(user, now)
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        self.store.delete_all_of(user, except, now)
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        self.store.lock(key)
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.store.sweep(now)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
    }
}

fn visitor_of(store: &Failing, clock: &ManualClock) -> Visitor {
    visitor_with(store, |layer| layer.clock(clock.clone()))
}

fn visitor_with(store: &Failing, set_up: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder) -> Visitor {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = set_up(SessionLayer::builder(store.clone(), &secrets));
    let app = routes()
        .route(
            "/whoever",
            get(async |session: Session| session.user().await.ok().flatten().is_some().to_string()),
        )
        .nest("/api/session", SessionApi::new().read_write(NOTE).router());
    Visitor::new(&app.layer(layer.build().expect("valid")))
}

const NOTE: SessionKey<String> = SessionKey::new("note");

#[tokio::test]
async fn a_login_whose_rotation_fails_is_none() {
    let (store, clock) = (Failing::default(), ManualClock::new(UnixMillis::new(1_767_225_600_000)));
    let mut visitor = visitor_of(&store, &clock);
    visitor.post("/set/a/1").await;
    *store.rotations.lock().expect("no panic") = Some(StoreErrorKind::Unavailable);
    let answer = visitor.post("/login/alice").await;
    assert_eq!((answer.status, answer.set_cookies()), (StatusCode::SERVICE_UNAVAILABLE, Vec::new()));
    assert_eq!(visitor.get("/user").await.text, "-", "somebody else may know this id");
    assert_eq!(visitor.get("/get/a").await.text, "1");
    *store.rotations.lock().expect("no panic") = None;
    visitor.post("/login/alice").await;
    assert_eq!(visitor.get("/user").await.text, "alice");
}

#[tokio::test]
async fn no_server_undoes_a_login_at_another_one() {
    let (store, clock) = (Failing::default(), ManualClock::new(UnixMillis::new(1_767_225_600_000)));
    let (mut visitor, mut late) = (visitor_of(&store, &clock), visitor_of(&store, &clock));
    visitor.post("/set/a/1").await;
    late.jar = visitor.jar.clone();
    visitor.post("/login/alice").await;
    for (path, status) in [("/remove/a", StatusCode::OK), ("/set/b/2", StatusCode::GONE)] {
        let answer = late.post(path).await;
        assert_eq!((answer.status, answer.set_cookies()), (status, Vec::new()), "{path}");
    }
    clock.advance(Duration::from_secs(11));
    late.get("/get/a").await;
    assert!(late.jar.is_empty(), "a dead cookie is cleared");
}

#[tokio::test]
async fn sessions_are_read_while_their_use_cannot_be_written_down() {
    let (store, clock) = (Failing::default(), ManualClock::new(UnixMillis::new(1_767_225_600_000)));
    let mut visitor = visitor_of(&store, &clock);
    visitor.post("/set/a/1").await;
    clock.advance(Duration::from_secs(120));
    for (fault, status) in [
        (StoreErrorKind::Full, StatusCode::OK),
        (StoreErrorKind::ReadOnly, StatusCode::OK),
        (StoreErrorKind::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        *store.touches.lock().expect("no panic") = Some(fault);
        let answer = visitor.get("/get/a").await;
        assert_eq!((answer.status, answer.set_cookies()), (status, Vec::new()), "{fault:?}");
        *store.touches.lock().expect("no panic") = None;
        // The first look at a new id is written down, too.
        visitor.post("/rotate").await;
        *store.confirmations.lock().expect("no panic") = Some(fault);
        assert_eq!(visitor.get("/get/a").await.status, status, "{fault:?}");
        *store.confirmations.lock().expect("no panic") = None;
        visitor.get("/get/a").await;
        clock.advance(Duration::from_secs(120));
    }
}

#[tokio::test]
async fn nobody_is_taken_for_somebody_without_a_session() {
    let store = Failing::default();
    for (fails_open, expected) in [(false, StatusCode::SERVICE_UNAVAILABLE), (true, StatusCode::OK)] {
        let mut visitor = visitor_with(&store, |layer| layer.insecure_fail_open(fails_open));
        visitor.post("/login/alice").await;
        *store.loads.lock().expect("no panic") = Some(StoreErrorKind::Unavailable);
        let answer = visitor.get("/whoever").await;
        assert_eq!((answer.status, answer.set_cookies()), (expected, Vec::new()), "{fails_open}");
        *store.loads.lock().expect("no panic") = None;
        assert_eq!(visitor.get("/whoever").await.text, "true");
    }
}

#[tokio::test]
async fn what_the_api_has_refused_is_not_stored_after_all() {
    let store = Failing::default();
    let mut visitor = visitor_with(&store, |layer| layer);
    let json = [("content-type", "application/json")];
    let path = "/api/session/data/note";
    for (fault, begun) in [(&store.creations, false), (&store.commits, true)] {
        if begun {
            visitor.post("/set/a/1").await;
        }
        let matching = [json[0], ("if-match", "*")];
        for headers in [&json[..], if begun { &matching } else { &json }] {
            *fault.lock().expect("no panic") = Some(StoreErrorKind::Unavailable);
            let answer = visitor.send(Method::PUT, path, headers, "\"x\"").await;
            assert_eq!((answer.status, answer.set_cookies()), (StatusCode::SERVICE_UNAVAILABLE, Vec::new()));
            assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "begun: {begun}, {headers:?}");
        }
    }
}
