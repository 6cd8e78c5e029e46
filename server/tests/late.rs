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

/// A visitor with a session, and the sessions of the requests to `/keep` and `/hang`, which somebody still holds.
async fn visitor() -> (Visitor, mpsc::UnboundedReceiver<Session>) {
    let (keep, kept) = mpsc::unbounded_channel();
    let hang = keep.clone();
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
        );
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(MemoryStore::new(), &secrets)
        .locking(Locking::Exclusive)
        .lock_wait(Duration::from_millis(500));
    let mut visitor = Visitor::new(&app.layer(layer.build().expect("valid")));
    visitor.post("/set/a/1").await;
    (visitor, kept)
}

#[tokio::test]
async fn who_first_asks_after_the_response_holds_up_nobody() {
    let (mut visitor, mut kept) = visitor().await;
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
    let (mut visitor, mut kept) = visitor().await;
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
