//! Bodies that no page sends to the session API: each is refused with the code that it deserves, and changes nothing.

mod common;

use std::collections::BTreeSet;

use axum::Router;
use common::{SECRET, Visitor, routes};
use http::{Method, StatusCode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, SessionApi, SessionKey, SessionLayer};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cart {
    items: Vec<u32>,
}

const CART: SessionKey<Cart> = SessionKey::new("cart");
const MOST_BYTES: usize = 5_000;

const PUT: &str = "/api/session/data/cart";
const PATCH: &str = "/api/session/data";
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";

/// What bodies are spoilt from. As they are, each is refused by its last part alone.
const SOUND: [&str; 4] = [
    r#"{"items":[1,20,300],"admin":true}"#,
    r#"{"cart":{"items":[1]},"secret":1}"#,
    r#"[{"op":"remove","path":"/cart"},{"op":"test","path":"/cart","value":"é\u00e9"}]"#,
    r#"[{"op":"add","path":"/cart","value":{"items":[-1]}}]"#,
];

const TOKENS: [&str; 16] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-0",
    "1e999",
    "123456789012345678901",
    "\"cart\"",
    "\"items\"",
    "\"op\"",
    "\"\\ud800\"",
    "\"\0\"",
];

fn body(random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..5) {
        0 => (0..random.random_range(3..60)).map(|_| random.random()).collect(),
        1 => {
            let count = random.random_range(3..12);
            (0..count).flat_map(|_| TOKENS.choose(random).expect("some").bytes()).collect()
        }
        2 => {
            let depth = random.random_range(100..MOST_BYTES / 2);
            let deep = ["[", "{\"cart\":"].choose(random).expect("some").repeat(depth);
            deep[..deep.len().min(MOST_BYTES)].bytes().chain([b']'].repeat(depth / 2)).collect()
        }
        3 => {
            vec![*b"[ 1\"".choose(random).expect("some"); random.random_range(MOST_BYTES - 2..MOST_BYTES + 3)]
        }
        _ => spoilt(SOUND.choose(random).expect("some"), random),
    }
}

/// With up to three bytes changed, added or taken away.
fn spoilt(sound: &str, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = sound.as_bytes().to_vec();
    for _ in 0..random.random_range(0..4) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..4) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => bytes.insert(at, random.random()),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// Status and code that each deserves as a value, none of which is a cart.
fn verdict_on_value(body: &[u8]) -> (u16, &'static str) {
    match serde_json::from_slice::<&RawValue>(body) {
        _ if body.len() > MOST_BYTES => (413, "value_too_large"),
        Err(_) => (400, "malformed_json"),
        Ok(_) => (422, "value_rejected"),
    }
}

/// The same as a patch, none of which is empty; with all codes that one may deserve.
fn verdicts_on_patch(body: &[u8]) -> &'static [(u16, &'static str)] {
    match serde_json::from_slice::<Value>(body) {
        _ if body.len() > MOST_BYTES => &[(413, "value_too_large")],
        Err(_) => &[(400, "malformed_json")],
        Ok(_) => &[
            (400, "malformed_patch"),
            (403, "key_not_exposed"),
            (409, "patch_failed"),
            (422, "value_rejected"),
        ],
    }
}

/// Status and code of an answer.
async fn send(
    visitor: &Visitor,
    method: Method,
    path: &str,
    content_type: &str,
    body: &[u8],
) -> (u16, String) {
    let answer = visitor.clone().send(method, path, &[("content-type", content_type)], body).await;
    let problem = answer.json();
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    assert_eq!((&problem["status"], answer.set_cookies()), (&answer.status.as_u16().into(), Vec::new()));
    (answer.status.as_u16(), problem["code"].as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn random_bodies_are_refused_for_what_they_are_and_change_nothing() {
    let store = MemoryStore::new();
    let layer = SessionLayer::new(store.clone(), &Secrets::new([SECRET]).expect("long enough"));
    let api = SessionApi::new().read_write(CART).max_body_bytes(MOST_BYTES);
    let app: Router = routes().nest("/api/session", api.router()).layer(layer);
    let (nobody, mut somebody) = (Visitor::new(&app), Visitor::new(&app));
    let begun = somebody.send(Method::PUT, PUT, &[("content-type", JSON)], r#"{"items":[7]}"#).await;
    assert_eq!(begun.status, StatusCode::NO_CONTENT, "{begun:?}");

    let mut random = StdRng::seed_from_u64(0);
    let mut seen = BTreeSet::new();
    for _ in 0..1_500 {
        let body = body(&mut random);
        let shown = String::from_utf8_lossy(&body[..body.len().min(100)]);
        for visitor in [&nobody, &somebody] {
            let (status, code) = send(visitor, Method::PUT, PUT, JSON, &body).await;
            assert_eq!((status, &*code), verdict_on_value(&body), "{shown}");
            seen.insert(code);
            let (status, code) = send(visitor, Method::PUT, PUT, "text/plain", &body).await;
            assert_eq!((status, &*code), (415, "unsupported_media_type"), "{shown}");
            for content_type in [MERGE_PATCH, JSON_PATCH] {
                let (status, code) = send(visitor, Method::PATCH, PATCH, content_type, &body).await;
                let verdicts = verdicts_on_patch(&body);
                assert!(verdicts.contains(&(status, &code)), "{status} {code}: {content_type}: {shown}");
                seen.insert(code);
            }
        }
        assert_eq!(store.len(), 1, "a session has begun: {shown}");
    }
    let cart = somebody.get(PUT).await;
    assert_eq!((&*cart.text, &cart.headers["etag"]), (r#"{"items":[7]}"#, &begun.headers["etag"]));
    assert_eq!(seen.len(), 6, "every way to be refused was tried: {seen:?}");
}
