//! `Cookie` headers that no browser sends: they hide no session, make none, and are in no log.

mod common;

use axum::Router;
use axum::body::Body;
use common::log::Log;
use common::{SECRET, Visitor, routes};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use tower::ServiceExt;
use twinjar_server::store::{MemoryStore, SessionStore, SqliteStore};
use twinjar_server::{Locking, Secrets, SessionApi, SessionCookie, SessionKey, SessionLayer, UnixMillis};

const NAME: &str = "__Host-id";
const NOTE: SessionKey<String> = SessionKey::new("note");

/// Routes that read: what whoever has the session finds in their answer, and whoever has none.
const READS: [(&str, &str, &str); 4] = [
    ("/get/note", "kept", "-"),
    ("/data", r#"{"note":"kept"}"#, "{}"),
    ("/api/session", r#""note":"kept""#, r#""active":false"#),
    ("/api/session/data/note", r#""kept""#, "key_not_found"),
];

/// An application with one session, the value of its cookie, and such as look like it.
struct Target {
    app: Router,
    /// One that does not answer at once: its operations are logged.
    store: SqliteStore,
    _folder: tempfile::TempDir,
    genuine: String,
    /// Signed here, of sessions that have ended: fewer than the ids of one request that are looked up.
    ended: Vec<String>,
    /// Signed with another secret, or for another cookie.
    foreign: Vec<String>,
}

fn app(store: impl SessionStore + 'static, secret: &str, name: &str, locking: Locking) -> Router {
    let secrets = Secrets::new([secret]).expect("long enough");
    let layer = SessionLayer::builder(store, &secrets).locking(locking);
    let layer = layer.cookie(SessionCookie::new().name(name)).build().expect("valid");
    routes().nest("/api/session", SessionApi::new().read_write(NOTE).router()).layer(layer)
}

/// The cookie of a new session.
async fn begin(app: &Router) -> Visitor {
    let mut visitor = Visitor::new(app);
    assert_eq!(visitor.post("/set/note/kept").await.status, StatusCode::OK);
    visitor
}

fn value(visitor: &Visitor) -> String {
    visitor.jar.values().next().expect("a session cookie").clone()
}

impl Target {
    async fn new(locking: Locking) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(folder.path().join("sessions.sqlite")).expect("a store");
        let app = self::app(store.clone(), SECRET, NAME, locking);
        let mut ended = Vec::new();
        for _ in 0..7 {
            let mut visitor = begin(&app).await;
            ended.push(value(&visitor));
            visitor.post("/destroy").await;
        }
        let mut foreign = Vec::new();
        for (secret, name) in [("another secret of thirty-two bytes", NAME), (SECRET, "__Host-other")] {
            foreign.push(value(&begin(&self::app(MemoryStore::new(), secret, name, locking)).await));
        }
        let genuine = value(&begin(&app).await);
        Self { app, store, _folder: folder, genuine, ended, foreign }
    }

    /// What a route that reads answers.
    async fn get(&self, path: &str, cookies: &[HeaderValue]) -> String {
        let mut request = Request::get(path).header(header::HOST, "127.0.0.1");
        for cookie in cookies {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("infallible");
        assert!(!response.status().is_server_error(), "{path}: {}", response.status());
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("ASCII");
            assert!(line.starts_with("__Host-id=; Max-Age=0;"), "a session has begun: {path}");
        }
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        String::from_utf8(body.to_vec()).expect("text")
    }

    /// A part of a header, which is not the session's cookie.
    fn part(&self, random: &mut StdRng) -> Vec<u8> {
        let genuine = &self.genuine;
        let pair = |value: &str| format!("{NAME}={value}").into_bytes();
        match random.random_range(0..6) {
            0 => noise(random),
            1 => [format!("{NAME}=").into_bytes(), noise(random)].concat(),
            2 => pair(self.ended.choose(random).expect("some")),
            3 => pair(self.foreign.choose(random).expect("some")),
            4 => pair(&damaged(genuine, random)),
            _ => {
                let names =
                    ["__host-id=", "=__Host-id=", "x__Host-id=", "__Host-id\u{a0}=", "\"__Host-id\"=", ""];
                format!("{}{genuine}", names.choose(random).expect("some")).into_bytes()
            }
        }
    }

    fn genuine_pair(&self) -> Vec<u8> {
        format!("{NAME}={}", self.genuine).into_bytes()
    }

    /// Nothing has come of it all but a log without secrets.
    async fn assert_is_as_it_was(&self, log: &Log) {
        let log = log.text();
        assert!(log.contains("step=\"load\""), "something is logged");
        for value in [&self.genuine].into_iter().chain(&self.ended).chain(&self.foreign) {
            for part in value.split('.') {
                assert!(!log.contains(&part[..16]), "{part} is in the log");
            }
        }
        assert_eq!(
            self.store.sweep(UnixMillis::MAX).await.expect("a number"),
            1,
            "another session has begun"
        );
    }
}

/// Up to forty bytes of those that header values may have.
fn noise(random: &mut StdRng) -> Vec<u8> {
    let allowed: Vec<u8> = (0..=255).filter(|byte| HeaderValue::from_bytes(&[*byte]).is_ok()).collect();
    (0..random.random_range(0..40)).map(|_| *allowed.choose(random).expect("some")).collect()
}

/// A value with one character more, less or changed.
fn damaged(value: &str, random: &mut StdRng) -> String {
    let (at, mut damaged) = (random.random_range(0..value.len()), value.to_owned());
    let other = ["A", "B"].into_iter().find(|other| *other != &value[at..=at]).expect("two are not equal");
    match random.random_range(0..4) {
        0 => damaged.insert_str(at, other),
        1 => damaged.replace_range(at..=at, other),
        2 => damaged.replace_range(at..=at, ""),
        _ => damaged.truncate(at),
    }
    damaged
}

/// One to four headers.
fn headers(parts: &[Vec<u8>], random: &mut StdRng) -> Vec<HeaderValue> {
    let separator: &[u8] = [&b"; "[..], b";", b" ;\t"].choose(random).expect("some");
    let each = parts.len().div_ceil(random.random_range(1..5)).max(1);
    let header = |parts: &[Vec<u8>]| HeaderValue::from_bytes(&parts.join(separator)).expect("allowed bytes");
    parts.chunks(each).map(header).collect()
}

#[tokio::test]
async fn among_random_cookies_the_session_s_own_is_found_and_no_other_is_taken_for_it() {
    for locking in [Locking::Merge, Locking::Exclusive] {
        let target = Target::new(locking).await;
        let (log, _guard) = Log::listen();
        let mut random = StdRng::seed_from_u64(0);
        for round in 0..600 {
            let mut parts: Vec<_> =
                (0..random.random_range(0..30)).map(|_| target.part(&mut random)).collect();
            let is_there = random.random();
            if is_there {
                parts.push(target.genuine_pair());
            }
            parts.shuffle(&mut random);
            let (path, with, without) = READS.choose(&mut random).expect("some");
            let text = target.get(path, &headers(&parts, &mut random)).await;
            let expected = if is_there { with } else { without };
            assert!(
                text.contains(expected),
                "{locking:?}, round {round}, {path}: {expected} is not in {text}"
            );
        }
        target.assert_is_as_it_was(&log).await;
    }
}

#[tokio::test]
async fn among_thousands_of_cookies_the_session_s_own_is_found() {
    let target = Target::new(Locking::Merge).await;
    let (log, _guard) = Log::listen();
    let mut random = StdRng::seed_from_u64(0);
    let mut parts: Vec<_> = (0..4_000).map(|_| target.part(&mut random)).collect();
    for (genuine, expected) in [(None, "-"), (Some(target.genuine_pair()), "kept")] {
        parts.extend(genuine);
        assert_eq!(target.get("/get/note", &headers(&parts, &mut random)).await, expected);
        let each_alone: Vec<_> = parts.chunks(1).flat_map(|part| headers(part, &mut random)).collect();
        assert_eq!(target.get("/get/note", &each_alone).await, expected);
    }
    target.assert_is_as_it_was(&log).await;
}

#[tokio::test]
async fn of_all_bytes_only_blanks_and_semicolons_may_stand_beside_a_cookie() {
    let target = Target::new(Locking::Merge).await;
    let (log, _guard) = Log::listen();
    let genuine = target.genuine_pair();
    for byte in 0..=255 {
        let beside = [byte];
        let Ok(_) = HeaderValue::from_bytes(&beside) else { continue };
        let is_apart = matches!(byte, b' ' | b'\t' | b';');
        for (parts, is_found) in [
            ([&beside, &*genuine, b"; a=b"], is_apart),
            ([b"a=b; ", &*genuine, &beside], is_apart),
            ([b"a=b; ", &genuine[..40], &beside], false),
            ([&beside, b"=b; ", &genuine], true),
        ] {
            let cookie = HeaderValue::from_bytes(&parts.concat()).expect("allowed bytes");
            let text = target.get("/get/note", &[cookie]).await;
            assert_eq!(text, if is_found { "kept" } else { "-" }, "{byte:#04x}");
        }
    }
    target.assert_is_as_it_was(&log).await;
}
