//! Requests whose session another request gives a new id meanwhile: none hands the browser an old one.

mod common;

use std::time::Duration;

use common::{App, Visitor};
use http::{Method, StatusCode};
use twinjar_server::{Locking, SessionLayerBuilder};

/// An application that tells the browser of the session in every response.
fn rolling(layer: SessionLayerBuilder) -> SessionLayerBuilder {
    layer.rolling(true).companion_cookie(true)
}

async fn begun(app: &App) -> Visitor {
    let mut visitor = app.visitor();
    visitor.post("/set/a/1").await;
    visitor
}

#[tokio::test]
async fn an_id_that_has_been_replaced_is_never_set_again() {
    let app = App::with(rolling);
    let mut visitor = begun(&app).await;
    let mut late = visitor.clone();
    visitor.post("/rotate").await;
    visitor.get("/data").await;
    for (method, path) in [(Method::GET, "/data"), (Method::POST, "/set/b/2")] {
        let answer = late.send(method, path, &[], "").await;
        assert_eq!((answer.status, answer.set_cookies()), (StatusCode::OK, Vec::new()), "{path}");
    }
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","b":"2"}"#, "and nothing was taken for a replay");
}

#[tokio::test]
async fn a_request_that_began_before_a_rotation_tells_the_id_of_now() {
    let app = App::with(rolling);
    let mut visitor = begun(&app).await;
    let mut slow = visitor.clone();
    let (answer, ()) = tokio::join!(slow.post("/think/50"), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/rotate").await;
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(slow.jar["__Host-id"], visitor.jar["__Host-id"]);
    assert_eq!(csrf_token(&slow), csrf_token(&visitor));
}

#[tokio::test]
async fn a_request_that_began_before_a_login_leaves_the_cookies_alone() {
    let app = App::with(rolling);
    let mut visitor = begun(&app).await;
    let reader = visitor.clone();
    let (answer, ()) = tokio::join!(reader.open(Method::GET, "/slow-get/50", &[], ""), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/login/alice").await;
    });
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("set-cookie"), "{:?}", answer.headers());
}

#[tokio::test]
async fn a_late_answer_does_not_leave_the_wrong_token_behind() {
    let app = App::with(|layer| layer.companion_cookie(true));
    let mut visitor = begun(&app).await;
    let mut late = visitor.clone();
    tokio::join!(late.post("/update-and-think/50"), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/rotate").await;
        visitor.get("/data").await;
    });
    let right = csrf_token(&visitor).map(str::to_owned);
    visitor.jar.insert("__Host-session-state".to_owned(), late.jar["__Host-session-state"].clone());
    assert_ne!(csrf_token(&visitor), right.as_deref(), "the answer came after the new id");
    visitor.get("/data").await;
    assert_eq!(csrf_token(&visitor), right.as_deref());
}

#[tokio::test]
async fn a_logout_that_a_login_overtakes_says_so() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let logout = visitor.clone();
    let (answer, ()) = tokio::join!(logout.open(Method::POST, "/slow-destroy/50", &[], ""), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        visitor.post("/login/alice").await;
    });
    assert_eq!(answer.status(), StatusCode::GONE);
    assert!(!answer.headers().contains_key("set-cookie"), "the cookie is the login's");
    assert_eq!(visitor.get("/user").await.text, "alice");
}

#[tokio::test]
async fn the_id_of_a_second_rotation_is_told_again_too() {
    let app = App::new();
    let mut visitor = begun(&app).await;
    let mut lost = visitor.clone();
    visitor.post("/rotate").await;
    lost.post("/rotate").await;
    assert_ne!(visitor.jar["__Host-id"], lost.jar["__Host-id"]);
    visitor.get("/data").await;
    assert_eq!(visitor.jar["__Host-id"], lost.jar["__Host-id"]);
}

#[tokio::test]
async fn a_turn_lasts_until_the_response_also_across_a_rotation() {
    let app = App::with(|layer| layer.locking(Locking::Exclusive));
    let mut visitor = begun(&app).await;
    let mut other = visitor.clone();
    let (answer, ()) = tokio::join!(visitor.post("/rotate-and-think/50"), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(other.post("/think/0").await.status, StatusCode::OK);
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(visitor.get("/data").await.text, r#"{"a":"1","n":2}"#);
}

#[tokio::test]
async fn a_browser_with_many_cookies_of_the_name_costs_a_few_look_ups() {
    let app = App::new();
    let mut dead = Vec::new();
    for _ in 0..20 {
        let mut visitor = begun(&app).await;
        dead.push(format!("__Host-id={}", visitor.session_cookie().expect("a cookie")));
        visitor.post("/destroy").await;
    }
    let live = begun(&app).await;
    let live = format!("__Host-id={}", live.session_cookie().expect("a cookie"));
    let read = async |cookies: &[String]| {
        app.visitor().send(Method::GET, "/get/a", &[("cookie", &cookies.join("; "))], "").await.text
    };
    let repeated: Vec<_> = std::iter::repeat_n(dead[0].clone(), 100).chain([live.clone()]).collect();
    assert_eq!(read(&repeated).await, "1", "the same one again is no other candidate");
    let few: Vec<_> = dead[..7].iter().cloned().chain([live.clone()]).collect();
    assert_eq!(read(&few).await, "1");
    let many: Vec<_> = dead.iter().cloned().chain([live]).collect();
    let answer = app.visitor().send(Method::GET, "/get/a", &[("cookie", &many.join("; "))], "").await;
    assert_eq!(answer.text, "-", "no browser sends so many");
    assert!(answer.set_cookies().is_empty(), "what was not tried may be live");
}

fn csrf_token(visitor: &Visitor) -> Option<&str> {
    visitor.jar["__Host-session-state"].split('.').nth(1)
}
