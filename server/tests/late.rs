//! Handlers that go on with their session after the response, or are cut off before it.

mod common;

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use common::{SECRET, Visitor, routes};
use http::{Method, StatusCode};
use tokio::sync::mpsc;
use twinjar_server::store::MemoryStore;
use twinjar_server::{Locking, Secrets, Session, SessionError, SessionLayer};

/// A visitor with a session, and the sessions of the requests to `/keep`, `/hang` and `/panic`, which somebody still
/// holds.
async fn visitor(locking: Locking) -> (Visitor, mpsc::UnboundedReceiver<Session>) {
    let (keep, kept) = mpsc::unbounded_channel();
    let (hang, panic) = (keep.clone(), keep.clone());
    let app: Router = routes()
        .route(
            "/keep",
            post(async move |session: Session| {
                keep.send(session).expect("the test listens");
            }),
        )
        .route(
            "/hang",
            post(async move |session: Session| {
                session.get_json("a").await.expect("a session");
                hang.send(session).expect("the test listens");
                std::future::pending::<()>().await;
            }),
        )
        .route(
            "/panic",
            post(async move |session: Session| -> StatusCode {
                session.insert("b", "saved").await.expect("a session");
                session.save().await.expect("it is committed at once");
                session.insert("c", "lost").await.expect("a session");
                panic.send(session).expect("the test listens");
                panic!("on purpose");
            }),
        );
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(MemoryStore::new(), &secrets)
        .locking(locking)
        .lock_wait(Duration::from_millis(500));
    let mut visitor = Visitor::new(&app.layer(layer.build().expect("valid")));
    visitor.post("/set/a/1").await;
    (visitor, kept)
}

#[tokio::test]
async fn who_first_asks_after_the_response_holds_up_nobody() {
    let (mut visitor, mut kept) = visitor(Locking::Exclusive).await;
    assert_eq!(visitor.post("/keep").await.status, StatusCode::OK);
    let late = kept.recv().await.expect("the handler has run");
    assert_eq!(late.get::<String>("a").await.expect("a session").as_deref(), Some("1"));
    late.insert("b", "2").await.expect("it is committed at once");
    assert_eq!(visitor.post("/think/0").await.status, StatusCode::OK, "whoever holds the other one");
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"2","n":1}"#);
    drop(late);
}

#[tokio::test]
async fn a_request_that_is_cut_off_gives_its_turn_back_and_stores_nothing_unseen() {
    let (mut visitor, mut kept) = visitor(Locking::Exclusive).await;
    let cut_off = visitor.clone();
    let late = tokio::select! {
        _ = cut_off.open(Method::POST, "/hang", &[], "") => panic!("it hangs"),
        late = kept.recv() => late.expect("the handler has run"),
    };
    assert_eq!(visitor.post("/think/0").await.status, StatusCode::OK, "the turn is free");
    late.insert("b", "2").await.expect("it is committed at once");
    assert_eq!(visitor.get("/get/b").await.text, "2");
    assert!(matches!(late.rotate().await, Err(SessionError::ResponseSent)), "nobody would hear of the id");
}

#[tokio::test]
async fn a_handler_that_panics_gives_its_turn_back_and_leaves_only_what_it_had_committed() {
    for locking in [Locking::Merge, Locking::Exclusive] {
        let (mut visitor, mut kept) = visitor(locking).await;
        let panicking = visitor.clone();
        let outcome =
            tokio::spawn(async move { panicking.open(Method::POST, "/panic", &[], "").await }).await;
        assert!(outcome.is_err_and(|error| error.is_panic()), "{locking:?}");
        let _held = kept.recv().await.expect("the handler has run");
        let next = visitor.post("/think/0").await;
        assert_eq!((next.status, next.set_cookies()), (StatusCode::OK, Vec::new()), "{locking:?}");
        assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"saved","n":1}"#, "{locking:?}");
    }
}
