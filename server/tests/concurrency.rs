//! Parallel requests of one session: no update is lost, no ended session comes back, no rotation strands anybody.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Answer, App, Visitor};
use http::{Method, StatusCode};
use tokio::task::JoinSet;
use twinjar_server::{Locking, SessionEvent, SessionLayerBuilder};

async fn in_parallel(visitor: &Visitor, paths: impl IntoIterator<Item = String>) -> Vec<Answer> {
    let mut requests = JoinSet::new();
    for path in paths {
        let mut visitor = visitor.clone();
        requests.spawn(async move { visitor.post(&path).await });
    }
    requests.join_all().await
}

async fn begun(app: &App) -> Visitor {
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    visitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_parallel_requests_takes_a_value() {
    let app = App::new();
    let visitor = begun(&app).await;
    let answers = in_parallel(&visitor, (0..20).map(|_| "/take/a".to_owned())).await;
    assert_eq!(answers.iter().filter(|answer| answer.text == "1").count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.text == "-").count(), 19);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_updates_are_all_counted() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    in_parallel(&visitor, (0..200).map(|_| "/increment".to_owned())).await;
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","n":200}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_writes_of_different_keys_all_stay() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    in_parallel(&visitor, (0..100).map(|key| format!("/set/k{key}/v"))).await;
    let data = visitor.get("/data").await.json();
    assert_eq!(data.as_object().map(serde_json::Map::len), Some(101));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_that_take_turns_lose_nothing() {
    let app = App::with(|layer| layer.locking(Locking::Exclusive));
    let mut visitor = begun(&app).await;
    in_parallel(&visitor, (0..50).map(|_| "/think/1".to_owned())).await;
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","n":50}"#);
}

#[tokio::test]
async fn a_turn_that_never_comes_is_given_up() {
    let app = App::with(|layer| layer.locking(Locking::Exclusive).lock_wait(Duration::from_millis(50)));
    let visitor = begun(&app).await;
    let answers = in_parallel(&visitor, ["/think/500".to_owned(), "/think/500".to_owned()]).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE]);
}

#[tokio::test]
async fn a_cancelled_request_gives_its_turn_back_and_stores_nothing() {
    let app = App::with(|layer| layer.locking(Locking::Exclusive));
    let mut visitor = begun(&app).await;
    let mut cancelled = visitor.clone();
    let slow = tokio::time::timeout(Duration::from_millis(20), cancelled.post("/think/60000")).await;
    assert!(slow.is_err());
    visitor.post("/increment").await;
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","n":1}"#);
}

#[tokio::test]
async fn a_write_in_flight_does_not_undo_a_logout() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut slow = visitor.clone();
    let (answer, ()) = tokio::join!(slow.post("/think/50"), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/destroy").await;
    });
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::GONE, &"session_gone".into()));
    assert!(answer.set_cookies().is_empty(), "the browser may have logged in again meanwhile");
    assert!(app.store.is_empty(), "nothing came back");
    slow.get("/data").await;
    assert!(slow.jar.is_empty(), "a dead cookie is cleared");
}

#[tokio::test]
async fn requests_on_their_way_do_not_undo_a_login() {
    for save_uninitialized in [false, true] {
        let app = App::with(|layer| layer.save_uninitialized(save_uninitialized));
        let mut visitor = begun(&app).await;
        let mut late = visitor.clone();
        visitor.post("/login/alice").await;
        for (method, path, status) in [
            (Method::GET, "/user", StatusCode::OK),
            (Method::GET, "/plain", StatusCode::OK),
            (Method::POST, "/set/b/2", StatusCode::GONE),
            (Method::POST, "/increment", StatusCode::GONE),
            (Method::POST, "/remove/a", StatusCode::OK),
        ] {
            let answer = late.send(method, path, &[], "").await;
            assert_eq!((answer.status, answer.set_cookies()), (status, Vec::new()), "{path}");
            assert_ne!(answer.text, "alice", "the id from before the login is dead");
        }
        assert_eq!(app.store.len(), 1, "and no other session has begun");
        assert_eq!(visitor.get("/user").await.text, "alice");

        app.clock.advance(Duration::from_secs(11));
        late.post("/set/b/2").await;
        assert_ne!(late.session_cookie(), visitor.session_cookie(), "who still has it later begins anew");
        assert_eq!(late.get("/data").await.text, r#"{"b":"2"}"#);
    }
}

#[tokio::test]
async fn a_second_login_with_the_id_from_before_the_first_begins_its_own_session() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut twin = visitor.clone();
    visitor.post("/login/alice").await;
    assert_eq!(twin.post("/login/bob").await.status, StatusCode::OK);
    assert_eq!(
        (visitor.get("/user").await.text, twin.get("/user").await.text),
        ("alice".into(), "bob".into())
    );
}

#[tokio::test]
async fn rotation_keeps_the_data_and_strands_no_parallel_request() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut parallel = visitor.clone();
    let old = visitor.session_cookie().expect("a cookie").to_owned();
    visitor.post("/rotate").await;
    assert_ne!(visitor.session_cookie(), Some(&*old));
    assert_eq!(
        parallel.post("/set/b/2").await.status,
        StatusCode::OK,
        "the old id still leads to the session"
    );
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"2"}"#);
    assert_eq!(app.store.len(), 1);
}

#[tokio::test]
async fn a_client_that_lost_the_answer_is_told_the_new_id_again() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let before = visitor.clone();
    visitor.post("/rotate").await;
    let mut lost = before;
    lost.get("/get/a").await;
    assert_eq!(lost.session_cookie(), visitor.session_cookie());
}

#[tokio::test]
async fn a_write_under_way_follows_a_rotation() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut slow = visitor.clone();
    let (answer, ()) = tokio::join!(slow.post("/think/50"), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/rotate").await;
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","n":1}"#);
}

#[tokio::test]
async fn a_retired_id_revokes_the_session_and_is_reported() {
    let events: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&events);
    let app = App::with(|layer: SessionLayerBuilder| {
        layer
            .events(move |event: &SessionEvent| log.lock().expect("whole").push(event.kind.name().to_owned()))
    });
    let mut visitor = begun(&app).await;
    let mut thief = visitor.clone();
    visitor.post("/rotate").await;
    visitor.get("/get/a").await;
    app.clock.advance(Duration::from_secs(9));
    assert_eq!(thief.get("/get/a").await.text, "1", "within the grace");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(thief.get("/get/a").await.text, "-");
    assert_eq!(visitor.get("/get/a").await.text, "-", "one of the two is a thief, so both are out");
    assert_eq!(*events.lock().expect("whole"), ["created", "rotated", "replay_revoked"]);
}

#[tokio::test]
async fn login_changes_the_id_and_the_old_one_is_dead_at_once() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut fixated = visitor.clone();
    visitor.post("/login/alice").await;
    assert_eq!(visitor.get("/user").await.text, "alice");
    assert_eq!(visitor.get("/get/a").await.text, "1", "the data stays");
    assert_eq!(fixated.get("/user").await.text, "-");
    assert_eq!(visitor.get("/user").await.text, "alice", "a dead id does no harm");
    visitor.post("/login/bob").await;
    assert_eq!(visitor.get("/data").await.text, "{}", "one user's data is not the next one's");
}
