//! Sessions that outlive the browser: their cookie ends when they do.

mod common;

use std::time::Duration;

use common::{Answer, App};

const IDLE: u64 = 14 * 24 * 60 * 60;

/// The lifetime of the session cookie in an answer, in seconds; outer `None`: it is not set.
fn max_age(answer: &Answer) -> Option<Option<u64>> {
    let line = answer.set_cookies().into_iter().find(|line| line.starts_with("__Host-id="))?.to_owned();
    let attribute = line.split("; ").find_map(|attribute| attribute.strip_prefix("Max-Age="));
    Some(attribute.map(|seconds| seconds.parse().expect("a number")))
}

#[tokio::test]
async fn the_cookie_follows_every_postponement() {
    let app = App::new();
    let mut visitor = app.visitor();
    assert_eq!(max_age(&visitor.post(&format!("/remember/{IDLE}")).await), Some(Some(IDLE)));
    assert_eq!(max_age(&visitor.get("/data").await), None, "nothing is postponed");
    for path in ["/increment", "/set/a/1", "/take/a", "/update-and-think/0"] {
        app.clock.advance(Duration::from_secs(10));
        assert_eq!(max_age(&visitor.post(path).await), Some(Some(IDLE)), "{path}");
    }
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(max_age(&visitor.get("/data").await), Some(Some(IDLE)), "a visit that is written down");
    app.clock.advance(Duration::from_secs(IDLE - 1));
    assert_eq!(visitor.get("/number/n").await.text, "2", "still there");
}

#[tokio::test]
async fn a_session_can_become_remembered_and_be_forgotten_again() {
    let app = App::new();
    let mut visitor = app.visitor();
    assert_eq!(max_age(&visitor.post("/set/a/1").await), Some(None));
    assert_eq!(max_age(&visitor.post(&format!("/remember-now/{IDLE}")).await), Some(Some(IDLE)));
    assert_eq!(max_age(&visitor.post("/forget").await), Some(None), "it ends with the browser again");
    assert_eq!(max_age(&visitor.post("/increment").await), None);
}
