//! The session API and its guard, over HTTP as pages use them.

mod common;

use axum::Router;
use common::{Answer, SECRET, Visitor};
use http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use twinjar_server::store::MemoryStore;
use twinjar_server::{
    CsrfFormField, CsrfLayer, Secrets, SessionApi, SessionKey, SessionLayer, SessionLayerBuilder,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cart {
    items: Vec<u32>,
}

const CART: SessionKey<Cart> = SessionKey::new("cart").max_bytes(100);
const COUNT: SessionKey<i64> = SessionKey::new("count");
const PLAN: SessionKey<String> = SessionKey::new("plan");
const PLAN_B: SessionKey<String> = SessionKey::new("plan-b");
const NOTE: SessionKey<String> = SessionKey::new("note");

const JSON: (&str, &str) = ("content-type", "application/json");

struct Page {
    visitor: Visitor,
    store: MemoryStore,
}

impl Page {
    fn new() -> Self {
        let store = MemoryStore::new();
        let secrets = Secrets::new([SECRET]).expect("long enough");
        Self::on(SessionLayer::builder(store.clone(), &secrets).companion_cookie(true), store)
    }

    fn on(layer: SessionLayerBuilder, store: MemoryStore) -> Self {
        let layer = layer.build().expect("valid");
        let api = SessionApi::new().read_write(CART).read_write(COUNT).read(PLAN);
        let api = api.read_write(PLAN_B).read_write(NOTE).max_body_bytes(1000);
        let app: Router = common::routes()
            .nest("/api/session", api.router())
            .layer(CsrfLayer::new().allow_origin("https://partner.example"))
            .layer(layer);
        Self { visitor: Visitor::new(&app), store }
    }

    /// As a page of the application sends it: same-origin, with the token if there is one.
    async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let token = self.token();
        let mut all = vec![("sec-fetch-site", "same-origin")];
        all.extend(token.as_deref().map(|token| ("x-csrf-token", token)));
        all.extend(headers);
        self.visitor.send(method, &format!("/api/session{path}"), &all, body).await
    }

    async fn put(&mut self, key: &str, value: &str) -> Answer {
        self.send(Method::PUT, &format!("/data/{key}"), &[JSON], value).await
    }

    fn token(&self) -> Option<String> {
        Some(self.visitor.jar.get("__Host-session-state")?.split('.').nth(1)?.to_owned())
    }
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.json()["status"], status);
    assert!(answer.set_cookies().is_empty(), "a refusal leaves the cookies as they were");
}

#[tokio::test]
async fn a_page_without_session_gets_an_inactive_view_and_nothing_is_stored() {
    let mut page = Page::new();
    let answer = page.send(Method::GET, "", &[], "").await;
    assert_eq!((answer.status, &answer.json()["active"]), (StatusCode::OK, &false.into()));
    refused(&page.send(Method::GET, "/data/count", &[], "").await, 404, "key_not_found");
    for (method, path) in [(Method::GET, "/data/%FF"), (Method::DELETE, "/devices/%FF")] {
        refused(&page.send(method, path, &[], "").await, 400, "malformed_request");
    }
    assert_eq!(page.send(Method::DELETE, "/data/count", &[], "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(page.send(Method::DELETE, "", &[], "").await.status, StatusCode::NO_CONTENT);
    refused(&page.send(Method::POST, "/rotate", &[], "").await, 404, "no_session");
    assert!(page.store.is_empty() && page.visitor.jar.is_empty());
}

#[tokio::test]
async fn what_does_not_end_has_no_deadline() {
    let (store, secrets) = (MemoryStore::new(), Secrets::new([SECRET]).expect("long enough"));
    let layer = SessionLayer::builder(store.clone(), &secrets).absolute_timeout(std::time::Duration::MAX);
    let mut page = Page::on(layer.companion_cookie(true), store);
    assert_eq!(page.put("count", "1").await.status, StatusCode::NO_CONTENT);
    let view = page.send(Method::GET, "", &[], "").await.json();
    assert!(view["absoluteExpiresAt"].is_null() && view["idleExpiresAt"].is_u64(), "{view}");
    let companion = &page.visitor.jar["__Host-session-state"];
    assert!(companion.ends_with('.') && !companion.ends_with(".."), "{companion}");
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_told_which_it_takes() {
    let mut page = Page::new();
    for (path, allowed) in [("/rotate", "POST"), ("/data", "PATCH"), ("", "GET,HEAD,DELETE")] {
        let answer = page.send(Method::PUT, path, &[JSON], "1").await;
        refused(&answer, 405, "method_not_allowed");
        assert_eq!(answer.headers[header::ALLOW], allowed, "{path}");
    }
}

#[tokio::test]
async fn values_are_put_read_and_deleted_with_revisions() {
    let mut page = Page::new();
    let answer = page.put("count", "5").await;
    assert_eq!(
        (answer.status, &answer.headers["etag"]),
        (StatusCode::NO_CONTENT, &"\"1\"".parse().expect("ASCII"))
    );
    let answer = page.send(Method::GET, "/data/count", &[], "").await;
    assert_eq!((&*answer.text, &answer.headers["etag"]), ("5", &"\"1\"".parse().expect("ASCII")));
    page.put("cart", r#"{"items":[7]}"#).await;
    let view = page.send(Method::GET, "", &[], "").await.json();
    assert_eq!(view["data"], serde_json::json!({ "count": 5, "cart": { "items": [7] } }));
    assert_eq!((&view["revision"], &view["user"]), (&2.into(), &serde_json::Value::Null));
    let answer = page.send(Method::DELETE, "/data/count", &[], "").await;
    assert_eq!(
        (answer.status, &answer.headers["etag"]),
        (StatusCode::NO_CONTENT, &"\"3\"".parse().expect("ASCII"))
    );
    let again = page.send(Method::DELETE, "/data/count", &[], "").await;
    assert_eq!(again.headers["etag"], "\"3\"", "deleting what is not there changes nothing");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut page = Page::new();
    page.put("count", "5").await;
    let long = format!(r#"{{"items":[{}]}}"#, vec!["1"; 60].join(","));
    let longer = "1".repeat(2000);
    for (key, content_type, body, status, code) in [
        ("secret", "application/json", "1", 403, "key_not_exposed"),
        ("plan", "application/json", "\"gold\"", 403, "key_read_only"),
        ("count", "application/json", "\"5\"", 422, "value_rejected"),
        ("count", "application/json", "1.5", 422, "value_rejected"),
        ("cart", "application/json", r#"{"items":[],"admin":true}"#, 422, "value_rejected"),
        ("cart", "application/json", &long, 413, "value_too_large"),
        ("count", "application/json", &longer, 413, "value_too_large"),
        ("count", "application/json", "5 5", 400, "malformed_json"),
        ("count", "application/json", "", 400, "malformed_json"),
        ("count", "text/json", "6", 415, "unsupported_media_type"),
        ("count", "", "6", 415, "unsupported_media_type"),
    ] {
        let path = format!("/data/{key}");
        refused(&page.send(Method::PUT, &path, &[("content-type", content_type)], body).await, status, code);
    }
    refused(&page.send(Method::GET, "/nothing", &[], "").await, 404, "not_found");
    refused(&page.send(Method::POST, "/data/count", &[], "").await, 405, "method_not_allowed");
    assert_eq!(page.send(Method::GET, "", &[], "").await.json()["revision"], 1);
}

#[tokio::test]
async fn conditional_writes_meet_the_revision_or_fail() {
    let mut page = Page::new();
    refused(
        &page.send(Method::PUT, "/data/count", &[JSON, ("if-match", "*")], "1").await,
        412,
        "revision_conflict",
    );
    assert!(page.store.is_empty());
    page.put("count", "1").await;
    for (tag, status) in
        [("\"9\"", 412), ("\"1\"", 204), ("\"1\"", 412), ("*", 204), ("1", 400), ("W/\"3\"", 400)]
    {
        let answer = page.send(Method::PUT, "/data/count", &[JSON, ("if-match", tag)], "2").await;
        assert_eq!(answer.status.as_u16(), status, "{tag}");
    }
    let answer = page.send(Method::DELETE, "/data/count", &[("if-match", "\"1\"")], "").await;
    refused(&answer, 412, "revision_conflict");
}

#[tokio::test]
async fn a_patch_that_is_too_large_changes_nothing() {
    let layer = |store: &MemoryStore| {
        let secrets = Secrets::new([SECRET]).expect("long enough");
        SessionLayer::builder(store.clone(), &secrets).max_data_bytes(100).companion_cookie(true)
    };
    let merge = ("content-type", "application/merge-patch+json");
    let store = MemoryStore::new();
    let mut page = Page::on(layer(&store), store);
    page.put("plan-b", &format!("\"{}\"", "p".repeat(60))).await;
    let [long, short] = [60, 40].map(|length| format!("\"{}\"", "n".repeat(length)));
    let refused =
        page.send(Method::PATCH, "/data", &[merge], &format!(r#"{{"count":1,"note":{long}}}"#)).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &"value_too_large".into())
    );
    let view = page.send(Method::GET, "", &[], "").await.json();
    assert_eq!((&view["data"]["count"], &view["revision"]), (&serde_json::Value::Null, &1.into()));
    let swap = format!(r#"{{"plan-b":null,"note":{short}}}"#);
    assert_eq!(
        page.send(Method::PATCH, "/data", &[merge], &swap).await.status,
        StatusCode::OK,
        "it fits then"
    );
}

#[tokio::test]
async fn a_request_on_its_way_during_a_rotation_passes_the_guard_with_the_token_it_left_with() {
    let mut page = Page::new();
    page.put("count", "1").await;
    let (early, token) = (page.visitor.clone(), page.token().expect("a token"));
    assert_eq!(page.send(Method::POST, "/rotate", &[], "").await.status, StatusCode::NO_CONTENT);
    let late = [("sec-fetch-site", "same-origin"), ("x-csrf-token", &*token), JSON];
    for seen in [false, true] {
        let answer = early.open(Method::PUT, "/api/session/data/count", &late, "2").await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "new id seen: {seen}");
        page.send(Method::GET, "", &[], "").await;
    }
    let foreign = [("sec-fetch-site", "same-origin"), ("x-csrf-token", "n"), JSON];
    assert_eq!(
        early.open(Method::PUT, "/api/session/data/count", &foreign, "2").await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn patches_change_all_or_nothing() {
    let mut page = Page::new();
    let merge = ("content-type", "application/merge-patch+json");
    let patch = ("content-type", "application/json-patch+json");
    let answer = page.send(Method::PATCH, "/data", &[merge], r#"{"count":1,"cart":{"items":[1]}}"#).await;
    assert_eq!(answer.json()["data"], serde_json::json!({ "count": 1, "cart": { "items": [1] } }));
    let add = r#"[{"op":"test","path":"/count","value":1},{"op":"add","path":"/cart/items/-","value":2}]"#;
    let answer = page.send(Method::PATCH, "/data", &[patch], add).await;
    assert_eq!(answer.json()["data"]["cart"]["items"], serde_json::json!([1, 2]));
    for (content_type, body, status, code) in [
        (
            patch,
            r#"[{"op":"add","path":"/cart/items/-","value":3},{"op":"test","path":"/count","value":7}]"#,
            409,
            "patch_failed",
        ),
        (merge, r#"{"count":2,"secret":1}"#, 403, "key_not_exposed"),
        (merge, r#"{"count":2,"plan":"gold"}"#, 403, "key_read_only"),
        (merge, r#"{"count":"two","cart":null}"#, 422, "value_rejected"),
        (merge, "[]", 400, "malformed_patch"),
        (JSON, "{}", 415, "unsupported_media_type"),
    ] {
        refused(&page.send(Method::PATCH, "/data", &[content_type], body).await, status, code);
    }
    let stale = page.send(Method::PATCH, "/data", &[merge, ("if-match", "\"1\"")], r#"{"count":3}"#).await;
    refused(&stale, 412, "revision_conflict");
    let view = page.send(Method::GET, "", &[], "").await.json();
    assert_eq!(view["data"], serde_json::json!({ "count": 1, "cart": { "items": [1, 2] } }));
    let removed = page.send(Method::PATCH, "/data", &[merge], r#"{"cart":null}"#).await;
    assert_eq!(removed.json()["data"], serde_json::json!({ "count": 1 }));
}

#[tokio::test]
async fn devices_are_listed_and_ended() {
    let mut phone = Page::new();
    let unknown = phone.send(Method::GET, "/devices", &[], "").await;
    refused(&unknown, 401, "sign_in_required");
    assert_eq!(unknown.headers[header::WWW_AUTHENTICATE], "Session", "no browser asks for a password");
    let own = [("sec-fetch-site", "same-origin")];
    phone.visitor.send(Method::POST, "/login/alice", &own, "").await;
    let mut laptop = Page { visitor: phone.visitor.clone(), store: phone.store.clone() };
    laptop.visitor.jar.clear();
    laptop.visitor.send(Method::POST, "/login/alice", &own, "").await;
    let mut stranger = Page { visitor: phone.visitor.clone(), store: phone.store.clone() };
    stranger.visitor.jar.clear();
    stranger.visitor.send(Method::POST, "/login/bob", &own, "").await;
    let devices = phone.send(Method::GET, "/devices", &[], "").await.json();
    let devices = devices.as_array().expect("a list");
    assert_eq!(
        (devices.len(), &devices[0]["current"], &devices[1]["current"]),
        (2, &true.into(), &false.into())
    );
    let path = format!("/devices/{}", devices[1]["handle"].as_str().expect("a handle"));
    refused(&stranger.send(Method::DELETE, &path, &[], "").await, 404, "device_not_found");
    refused(&phone.send(Method::DELETE, "/devices/nonsense", &[], "").await, 404, "device_not_found");
    assert_eq!(phone.send(Method::DELETE, &path, &[], "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(laptop.send(Method::GET, "", &[], "").await.json()["active"], false);
    laptop.visitor.send(Method::POST, "/login/alice", &own, "").await;
    assert_eq!(phone.send(Method::POST, "/devices/revoke-others", &[], "").await.json()["revoked"], 1);
    assert_eq!(laptop.send(Method::GET, "", &[], "").await.json()["active"], false);
    assert_eq!(phone.send(Method::GET, "", &[], "").await.json()["user"], "alice");
    assert_eq!(stranger.send(Method::GET, "", &[], "").await.json()["user"], "bob");
}

#[tokio::test]
async fn requests_from_other_sites_are_refused() {
    let mut page = Page::new();
    page.put("count", "1").await;
    let token = page.token().expect("a companion");
    let with_token = ("x-csrf-token", &*token);
    let put = |headers: Vec<(&'static str, &'static str)>| (headers, "/api/session/data/count");
    for (case, (headers, path), code) in [
        ("another site", put(vec![("sec-fetch-site", "cross-site")]), "cross_site_request"),
        ("a neighbour", put(vec![("sec-fetch-site", "same-site")]), "cross_site_request"),
        ("a foreign origin", put(vec![("origin", "https://evil.example")]), "cross_site_request"),
        ("a hidden origin", put(vec![("origin", "null")]), "cross_site_request"),
    ] {
        let mut headers: Vec<(&str, &str)> = headers;
        headers.extend([JSON, with_token]);
        let answer = page.visitor.send(Method::PUT, path, &headers, "2").await;
        assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::FORBIDDEN, &code.into()), "{case}");
    }
    let partner = [("origin", "https://partner.example"), ("sec-fetch-site", "cross-site"), JSON, with_token];
    let answer = page.visitor.send(Method::PUT, "/api/session/data/count", &partner, "2").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn clients_that_cannot_send_the_token_may_be_let_in() {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(MemoryStore::new(), &secrets).build().expect("valid");
    let app = common::routes().layer(CsrfLayer::new().insecure_without_token()).layer(layer);
    let mut visitor = Visitor::new(&app);
    visitor.send(Method::POST, "/set/a/1", &[("sec-fetch-site", "same-origin")], "").await;
    for (headers, status) in [
        (&[("sec-fetch-site", "same-origin")][..], StatusCode::OK),
        (&[], StatusCode::OK),
        (&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (&[("origin", "https://evil.example")], StatusCode::FORBIDDEN),
    ] {
        assert_eq!(visitor.send(Method::POST, "/set/a/2", headers, "").await.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn forms_carry_the_token_in_a_field() {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    let layer = SessionLayer::builder(MemoryStore::new(), &secrets).companion_cookie(true).build();
    let app = common::routes()
        .route("/echo", axum::routing::post(async |body: String| body))
        .layer(CsrfLayer::new())
        .layer(CsrfFormField::new("_csrf").max_bytes(200))
        .layer(layer.expect("valid"));
    let mut page = Page { visitor: Visitor::new(&app), store: MemoryStore::new() };
    let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let own = ("sec-fetch-site", "same-origin");
    // A field is no header: it proves nothing of where the request comes from.
    refused(
        &page.visitor.send(Method::POST, "/set/a/1", &[form], "_csrf=x").await,
        403,
        "csrf_token_invalid",
    );
    assert_eq!(page.visitor.send(Method::POST, "/set/a/1", &[form, own], "").await.status, StatusCode::OK);
    let body = format!("name=plum+jam&_csrf={}&n=1", page.token().expect("a companion"));
    let answer = page.visitor.send(Method::POST, "/echo", &[form, own], &body).await;
    assert_eq!((answer.status, &answer.text), (StatusCode::OK, &body), "handed on as it came");
    for (headers, body) in [
        (&[form, own][..], "_csrf=x"),
        (&[form, own], "name=plum"),
        (&[form, own, ("x-csrf-token", "x")], &*body),
        (&[own, ("content-type", "text/plain")], &*body),
    ] {
        let answer = page.visitor.send(Method::POST, "/echo", headers, body).await;
        refused(&answer, 403, "csrf_token_invalid");
    }
    let foreign = [form, ("sec-fetch-site", "cross-site")];
    refused(&page.visitor.send(Method::POST, "/echo", &foreign, &body).await, 403, "cross_site_request");
    let large = format!("{body}&text={}", "x".repeat(200));
    refused(&page.visitor.send(Method::POST, "/echo", &[form, own], &large).await, 413, "value_too_large");
}

#[tokio::test]
async fn a_session_s_writes_need_its_own_token() {
    let mut page = Page::new();
    page.put("count", "1").await;
    let mut other = Page { visitor: page.visitor.clone(), store: page.store.clone() };
    other.visitor.jar.clear();
    other.put("count", "1").await;
    let foreign = other.token().expect("a companion");
    let before = page.token().expect("a companion");
    page.send(Method::POST, "/rotate", &[], "").await;
    for token in ["", "x", &foreign, &before] {
        let headers = [("sec-fetch-site", "same-origin"), JSON, ("x-csrf-token", token)];
        let answer = page.visitor.send(Method::PUT, "/api/session/data/count", &headers, "2").await;
        refused(&answer, 403, "csrf_token_invalid");
    }
    assert_eq!(page.put("count", "2").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn without_a_session_a_form_of_another_site_cannot_log_anybody_in() {
    let mut page = Page::new();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = page.visitor.send(Method::POST, "/login/mallory", &form, "a=b").await;
    refused(&answer, 403, "csrf_token_invalid");
    let preflighted = page.visitor.send(Method::POST, "/login/alice", &[JSON], "{}").await;
    assert_eq!(preflighted.status, StatusCode::OK);
}
