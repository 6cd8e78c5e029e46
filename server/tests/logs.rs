//! What is told to `tracing`: enough to follow a session, and nothing that opens one.

mod common;

use common::log::Log;
use common::{App, SECRET, Visitor, routes};
use twinjar_server::store::SqliteStore;
use twinjar_server::{Secrets, SessionLayer};

#[tokio::test]
async fn logs_name_sessions_and_hold_no_secrets() {
    let (log, _guard) = Log::listen();
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path().join("sessions.sqlite")).expect("a store");
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(store, &secrets).companion_cookie(true).build().expect("valid");
    let mut visitor = Visitor::new(&routes().layer(layer));

    let mut seen = Vec::new();
    for path in ["/set/word/plum-and-pear", "/login/alice@home", "/rotate", "/increment", "/destroy"] {
        let answer = visitor.post(path).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        visitor.get("/data").await;
        seen.extend(visitor.jar.values().cloned());
    }
    visitor.post("/set/word/plum-and-pear").await;
    assert_eq!(visitor.get("/number/word").await.status, 500, "it is no number");
    let text = log.text();
    assert!(text.contains("another type at line 1"), "the log says what is wrong:\n{text}");
    for step in ["load", "set_user", "rotate", "update", "destroy", "finish"] {
        assert!(text.contains(&format!("session{{step=\"{step}\"")), "no span of {step}:\n{text}");
    }
    let handle = text.split("event=\"created\"").next().and_then(|before| before.rsplit("session=").next());
    let handle = handle.expect("the event names the session").trim();
    assert_eq!(handle.len(), 16, "{handle}");
    for step in ["load", "update"] {
        let named = format!("session{{step=\"{step}\" session={handle}}}");
        assert!(text.contains(&named), "{named} is missing:\n{text}");
    }
    for secret in parts_of(&seen).chain([SECRET, "plum-and-pear", "alice@home"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
    assert!(seen.len() >= 8, "cookies were looked for: {seen:?}");
}

#[tokio::test]
async fn a_cookie_that_browsers_would_drop_is_withheld_and_the_log_says_why() {
    let app = App::with(|layer| layer.trust_forwarded_proto().companion_cookie(true));
    let over = |scheme: &str| {
        let mut visitor = app.visitor();
        visitor.headers = vec![("host", "shop.example".into()), ("x-forwarded-proto", scheme.into())];
        visitor
    };
    let (mut safe, mut plain) = (over("https"), over("http"));
    safe.post("/set/word/plum-and-pear").await;
    plain.jar = safe.jar.clone();

    let (log, _guard) = Log::listen();
    plain.get("/get/word").await;
    assert!(!log.text().contains("withheld"), "there was no cookie to set:\n{}", log.text());
    let withheld = plain.post("/rotate").await;
    assert_eq!((withheld.status.as_u16(), withheld.set_cookies()), (200, Vec::new()));
    let new = over("http").post("/set/word/plum-and-pear").await;
    assert_eq!((new.status.as_u16(), new.set_cookies()), (200, Vec::new()));

    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("session cookie withheld")).collect();
    assert_eq!(lines.len(), 2, "one for each request:\n{text}");
    for line in lines {
        assert!(line.contains("WARN") && line.contains("it is Secure and the request came over plain http"));
    }
    let mut seen: Vec<_> = safe.jar.values().cloned().collect();
    // Over https the id is told that was withheld.
    assert_eq!(safe.get("/get/word").await.set_cookies().len(), 2);
    assert_ne!(safe.session_cookie(), plain.session_cookie());
    seen.extend(safe.jar.values().cloned());
    for secret in parts_of(&seen).chain([SECRET, "plum-and-pear"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

/// The ids, signatures and tokens in cookies.
fn parts_of(cookies: &[String]) -> impl Iterator<Item = &str> {
    cookies.iter().flat_map(|value| value.split(['.', '~', '|'])).filter(|part| part.len() >= 16)
}
