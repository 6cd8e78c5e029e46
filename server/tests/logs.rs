//! What is told to `tracing`: enough to follow a session, and nothing that opens one.

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::{SECRET, Visitor, routes};
use tracing_subscriber::fmt::format::FmtSpan;
use twinjar_server::store::SqliteStore;
use twinjar_server::{Secrets, SessionLayer};

/// Everything that is logged, of every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn logs_name_sessions_and_hold_no_secrets() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

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
    let parts = seen.iter().flat_map(|value| value.split(['.', '~', '|']));
    for secret in parts.filter(|part| part.len() >= 16).chain([SECRET, "plum-and-pear", "alice@home"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
    assert!(seen.len() >= 8, "cookies were looked for: {seen:?}");
}
