//! How sessions begin, live and end.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{App, SECRET, Visitor};
use http::{Method, StatusCode};
use twinjar_server::store::{MemoryLimits, MemoryStore};
use twinjar_server::{Secrets, SessionEvent, SessionLayer, SessionLayerBuilder};

#[tokio::test]
async fn visitors_who_leave_nothing_get_nothing() {
    let app = App::new();
    let mut visitor = app.visitor();
    for path in ["/plain", "/get/a", "/user", "/data"] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "{path}");
    }
    visitor.post("/remove/a").await;
    visitor.post("/clear").await;
    visitor.post("/destroy").await;
    visitor.post("/rotate").await;
    assert!(visitor.jar.is_empty() && app.store.is_empty());
}

#[tokio::test]
async fn untouched_sessions_cost_no_caching() {
    let app = App::new();
    let plain = app.visitor().get("/plain").await;
    assert!(!plain.headers.contains_key("cache-control") && !plain.headers.contains_key("vary"));
    let read = app.visitor().get("/get/a").await;
    assert_eq!(
        (&read.headers["cache-control"], &read.headers["vary"]),
        (&"no-store".parse().expect("ASCII"), &"Cookie".parse().expect("ASCII"))
    );
}

#[tokio::test]
async fn sessions_looked_up_unasked_cost_no_caching_where_nothing_is_said_of_them() {
    let app = App::with(|layer| layer.save_uninitialized(true));
    let mut visitor = app.visitor();
    let begun = visitor.get("/plain").await;
    assert_eq!(
        (begun.set_cookies().len(), &begun.headers["cache-control"]),
        (1, &"no-store".parse().expect("ASCII"))
    );
    let again = visitor.get("/plain").await;
    assert!(again.set_cookies().is_empty());
    assert!(!again.headers.contains_key("cache-control") && !again.headers.contains_key("vary"), "{again:?}");
}

#[tokio::test]
async fn values_are_set_read_taken_and_removed() {
    let app = App::new();
    let mut visitor = app.visitor();
    let answer = visitor.post("/set/a/1").await;
    let [line] = answer.set_cookies()[..] else { panic!("one cookie: {answer:?}") };
    assert!(
        line.starts_with("__Host-id=") && line.ends_with("; Path=/; HttpOnly; Secure; SameSite=Lax"),
        "{line}"
    );
    assert_eq!(visitor.get("/get/a").await.text, "1");
    let second = visitor.post("/set/b/2").await;
    assert!(second.set_cookies().is_empty(), "a session cookie is set once");
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"2"}"#);
    visitor.post("/remove/a").await;
    assert_eq!(visitor.post("/take/b").await.text, "2");
    assert_eq!(visitor.post("/take/b").await.text, "-");
    assert_eq!(visitor.get("/data").await.text, "{}");
    assert_eq!(app.store.len(), 1, "an empty session is a session");
}

#[tokio::test]
async fn destroy_ends_the_session_on_both_sides() {
    let app = App::new();
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    let mut thief = visitor.clone();
    visitor.post("/destroy").await;
    assert!(visitor.jar.is_empty() && app.store.is_empty());
    assert_eq!(thief.get("/get/a").await.text, "-", "a copied cookie opens nothing");
    assert!(thief.jar.is_empty(), "a dead cookie is cleared");
    visitor.post("/set/a/2").await;
    assert_eq!(visitor.get("/get/a").await.text, "2");
}

#[tokio::test]
async fn ids_of_clients_own_making_are_not_adopted() {
    let app = App::new();
    let genuine = {
        let mut visitor = app.visitor();
        visitor.post("/set/a/1").await;
        visitor.session_cookie().expect("a cookie").to_owned()
    };
    let (id, mac) = genuine.split_once('.').expect("id.mac");
    let swapped: String = id.chars().rev().collect();
    for forged in
        [id.to_owned(), format!("{swapped}.{mac}"), format!("{id}."), "a".repeat(5000), String::new()]
    {
        let mut visitor = app.visitor();
        visitor.jar.insert("__Host-id".to_owned(), forged.clone());
        assert_eq!(visitor.get("/get/a").await.text, "-", "{forged}");
        visitor.post("/set/b/1").await;
        assert_ne!(visitor.session_cookie(), Some(&*forged), "a new session has a new id");
    }
}

#[tokio::test]
async fn every_cookie_of_the_name_is_tried() {
    let app = App::new();
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    let live = visitor.session_cookie().expect("a cookie").to_owned();
    let mut dead = app.visitor();
    dead.post("/set/a/2").await;
    let dead_cookie = dead.session_cookie().expect("a cookie").to_owned();
    dead.post("/destroy").await;
    let cookies = format!("__Host-id=junk; __Host-id={dead_cookie}; x=y; __Host-id={live}");
    let answer = app.visitor().send(Method::GET, "/get/a", &[("cookie", &cookies)], "").await;
    assert_eq!(answer.text, "1");
    assert!(answer.set_cookies().is_empty(), "the live one is not cleared");
}

#[tokio::test]
async fn idle_and_absolute_timeouts() {
    let app = App::with(|layer| {
        layer.idle_timeout(Duration::from_secs(600)).absolute_timeout(Duration::from_secs(3600))
    });
    let mut idle = app.visitor();
    idle.post("/set/a/1").await;
    let mut busy = idle.clone();
    busy.jar.clear();
    busy.post("/set/a/1").await;
    for _ in 0..7 {
        app.clock.advance(Duration::from_secs(500));
        assert_eq!(busy.get("/get/a").await.text, "1", "use postpones the idle timeout");
    }
    assert_eq!(idle.get("/get/a").await.text, "-");
    app.clock.advance(Duration::from_secs(100));
    assert_eq!(busy.get("/get/a").await.text, "-", "nothing postpones the absolute one");
}

#[tokio::test]
async fn requests_that_do_not_use_the_session_do_not_keep_it_alive() {
    let app = App::with(|layer| layer.idle_timeout(Duration::from_secs(60)));
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    for _ in 0..3 {
        app.clock.advance(Duration::from_secs(30));
        visitor.get("/plain").await;
    }
    assert_eq!(visitor.get("/get/a").await.text, "-");
}

#[tokio::test]
async fn secrets_are_replaced_without_logging_anybody_out() {
    let store = MemoryStore::new();
    let app = |secrets: &[&str]| {
        let secrets = Secrets::new(secrets).expect("long enough");
        common::routes().layer(SessionLayer::new(store.clone(), &secrets))
    };
    let new_secret = "another secret of thirty-two bytes";
    let mut visitor = Visitor::new(&app(&[SECRET]));
    visitor.post("/set/a/1").await;
    let old = visitor.session_cookie().expect("a cookie").to_owned();
    let mut both = Visitor::new(&app(&[new_secret, SECRET]));
    both.jar = visitor.jar;
    assert_eq!(both.get("/get/a").await.text, "1");
    assert_ne!(both.session_cookie(), Some(&*old), "signed anew");
    let mut new_only = Visitor::new(&app(&[new_secret]));
    new_only.jar = both.jar;
    assert_eq!(new_only.get("/get/a").await.text, "1");
    new_only.jar.insert("__Host-id".to_owned(), old);
    assert_eq!(new_only.get("/get/a").await.text, "-", "a retired secret verifies nothing");
}

#[tokio::test]
async fn a_full_store_refuses_and_says_so() {
    let store = MemoryStore::with_limits(MemoryLimits { sessions: 1, data_bytes: 100 });
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let app = common::routes().layer(SessionLayer::new(store.clone(), &secrets));
    let mut first = Visitor::new(&app);
    first.post("/set/a/1").await;
    let refused = Visitor::new(&app).post("/set/a/1").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json()["code"], "store_unavailable");
    assert!(refused.set_cookies().is_empty(), "no cookie for what was not stored");
    let too_much = first.post(&format!("/set/b/{}", "x".repeat(200))).await;
    assert_eq!(too_much.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(first.get("/data").await.text, r#"{"a":"1"}"#, "nothing is lost");
}

#[tokio::test]
async fn sessions_have_a_largest_size() {
    let app = App::with(|layer| layer.max_data_bytes(64));
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    let refused = visitor.post(&format!("/set/b/{}", "x".repeat(64))).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &"value_too_large".into())
    );
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1"}"#);
}

#[tokio::test]
async fn an_audit_log_hears_of_every_end() {
    let events: Arc<Mutex<Vec<&str>>> = Arc::default();
    let log = Arc::clone(&events);
    let app = App::with(|layer: SessionLayerBuilder| {
        layer
            .sweep_interval(Duration::from_millis(1))
            .events(move |event: &SessionEvent| log.lock().expect("no panic").push(event.kind.name()))
    });
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    visitor.post("/login/alice").await;
    visitor.post("/destroy").await;
    assert_eq!(*events.lock().expect("no panic"), ["created", "rotated", "user_set", "destroyed"]);
    visitor.post("/set/a/1").await;
    app.clock.advance(Duration::from_secs(30 * 60));
    let patience = tokio::time::Instant::now() + Duration::from_secs(20);
    while events.lock().expect("no panic").last() != Some(&"expired") {
        assert!(tokio::time::Instant::now() < patience, "{events:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(events.lock().expect("no panic")[4..], ["created", "expired"]);
    assert!(app.store.is_empty());
}

#[tokio::test]
async fn names_of_values_have_a_largest_size() {
    for (app, limit) in [(App::new(), 128), (App::with(|layer| layer.max_key_bytes(8)), 8)] {
        let mut visitor = app.visitor();
        assert_eq!(visitor.post(&format!("/set/{}/1", "k".repeat(limit))).await.status, StatusCode::OK);
        let before = visitor.get("/data").await.text;
        let refused = visitor.post(&format!("/set/{}/1", "k".repeat(limit + 1))).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (StatusCode::PAYLOAD_TOO_LARGE, &"value_too_large".into())
        );
        assert_eq!(visitor.get("/data").await.text, before);
    }
}

#[tokio::test]
async fn a_secure_cookie_is_withheld_on_plain_http() {
    let app = App::new();
    let mut visitor = app.visitor();
    visitor.headers = vec![("host", "app.example".to_owned())];
    assert!(visitor.post("/set/a/1").await.set_cookies().is_empty());
    let app = App::with(SessionLayerBuilder::trust_forwarded_proto);
    let mut visitor = app.visitor();
    visitor.headers = vec![("host", "app.example".to_owned()), ("x-forwarded-proto", "https".to_owned())];
    assert_eq!(visitor.post("/set/a/1").await.set_cookies().len(), 1);
}

#[tokio::test]
async fn the_companion_follows_the_session() {
    let app = App::with(|layer| layer.companion_cookie(true));
    let mut visitor = app.visitor();
    assert!(visitor.get("/get/a").await.set_cookies().is_empty());
    visitor.post("/set/a/1").await;
    let first = visitor.jar["__Host-session-state"].clone();
    let answer = visitor.post("/set/a/2").await;
    assert_eq!(answer.set_cookies().len(), 1, "a new revision, the same id");
    assert!(!answer.set_cookies()[0].contains("HttpOnly"));
    assert_ne!(visitor.jar["__Host-session-state"], first);
    visitor.jar.remove("__Host-session-state");
    visitor.get("/get/a").await;
    assert!(visitor.jar.contains_key("__Host-session-state"), "told again when it is missing");
    visitor.post("/destroy").await;
    assert!(visitor.jar.is_empty());
}

#[tokio::test]
async fn no_line_of_debug_output_tells_a_secret() {
    let app = App::new();
    let mut visitor = app.visitor();
    visitor.post("/set/a/password").await;
    let id = visitor.session_cookie().expect("a cookie").split('.').next().expect("an id").to_owned();
    let layer = SessionLayer::builder(app.store.clone(), &Secrets::new([SECRET]).expect("long enough"));
    for text in [format!("{:?}", app.store), format!("{layer:?}"), format!("{:?}", Secrets::new([SECRET]))] {
        assert!(!text.contains(&id) && !text.contains(SECRET) && !text.contains("password"), "{text}");
    }
}
