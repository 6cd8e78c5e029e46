//! Plain, signed and private cookies through the layer.

mod common;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use common::{SECRET, Visitor};
use http::{Method, StatusCode};
use twinjar_server::{CookieError, CookieKey, Cookies, CookiesLayer, SameSite, Secrets};

const THEME: CookieKey<String> = CookieKey::string("theme").same_site(SameSite::Strict).path("/app");
const VISITS: CookieKey<u32> = CookieKey::integer("__Host-visits").http_only();

const NUMBER: CookieKey<u32> = CookieKey::integer("number");

async fn write(cookies: Cookies, Path(theme): Path<String>) -> Result<String, CookieError> {
    cookies.write(&THEME, &theme)?;
    Ok(cookies.read(&THEME)?.unwrap_or_default())
}

async fn count(cookies: Cookies) -> Result<String, CookieError> {
    let private = cookies.private();
    let visits = private.read(&VISITS)?.unwrap_or(0) + 1;
    private.write(&VISITS, &visits)?;
    Ok(visits.to_string())
}

async fn twice(cookies: Cookies) -> Result<(), CookieError> {
    cookies.signed().write(&VISITS, &1)?;
    cookies.signed().write(&VISITS, &2)
}

fn app() -> Router {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    Router::new()
        .route("/theme/{theme}", post(write))
        .route("/forget", post(|cookies: Cookies| async move { cookies.forget(&THEME) }))
        .route("/count", post(count))
        .route("/twice", post(twice))
        .route("/theme", get(|cookies: Cookies| async move { cookies.get("theme").unwrap_or_default() }))
        .route("/number", get(async |cookies: Cookies| cookies.read(&NUMBER).map(|n| format!("{n:?}"))))
        .route(
            "/read",
            get(|cookies: Cookies| async move { cookies.signed().read(&VISITS).map(|n| format!("{n:?}")) }),
        )
        .layer(CookiesLayer::new(&secrets))
}

#[tokio::test]
async fn typed_cookies_carry_the_attributes_of_their_key() {
    let mut visitor = Visitor::new(&app());
    let set = visitor.post("/theme/dark%20blue").await;
    assert_eq!(set.text, "dark blue", "read back by the same request");
    assert_eq!(set.set_cookies(), ["theme=dark%20blue; Path=/app; Secure; SameSite=Strict"]);
    assert_eq!(visitor.get("/theme").await.text, "dark blue");
    let forgotten = visitor.post("/forget").await;
    let [line] = forgotten.set_cookies()[..] else { panic!("one line: {forgotten:?}") };
    assert!(
        line.starts_with("theme=; Max-Age=0; Path=/app; ") && line.ends_with("; Secure; SameSite=Strict")
    );
}

#[tokio::test]
async fn private_cookies_come_back_to_the_server_alone() {
    let mut visitor = Visitor::new(&app());
    assert_eq!(visitor.post("/count").await.text, "1");
    assert_eq!(visitor.post("/count").await.text, "2");
    let value = visitor.jar["__Host-visits"].clone();
    assert_ne!(value, "2");
    visitor.jar.insert("__Host-visits".to_owned(), format!("{value}A"));
    assert_eq!(visitor.post("/count").await.text, "1", "a changed one is none");
}

#[tokio::test]
async fn a_response_sets_a_cookie_once() {
    let mut visitor = Visitor::new(&app());
    assert_eq!(visitor.post("/twice").await.set_cookies().len(), 1);
    assert_eq!(visitor.get("/read").await.text, "Some(2)");
}

#[tokio::test]
async fn what_browsers_would_drop_is_not_sent() {
    let mut visitor = Visitor::new(&app());
    let answer = visitor.post(&format!("/theme/{}", "x".repeat(5000))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn one_broken_neighbour_spoils_nothing() {
    let junk = "a; =b; \"; %%%; theme=%E4; __proto__=1; theme=good; \u{e9}=\u{fc}".to_owned();
    let answer = Visitor::new(&app()).send(Method::GET, "/theme", &[("cookie", &junk)], "").await;
    assert_eq!(answer.text, "%E4", "the first of the name, as it is where it cannot be decoded");
}

#[tokio::test]
async fn what_a_visitor_has_made_of_a_cookie_is_no_failure_of_the_server() {
    let answer = Visitor::new(&app()).send(Method::GET, "/number", &[("cookie", "number=abc")], "").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::BAD_REQUEST, &"malformed_request".into())
    );
}

/// Flask's CVE-2023-30861: a cache gave one visitor's cookie to the others.
#[tokio::test]
async fn caches_keep_no_cookie_and_tell_visitors_apart() {
    let secrets = Secrets::new([SECRET]).expect("long enough");
    const CACHED: [(&str, &str); 2] = [("cache-control", "public, max-age=60"), ("vary", "Accept-Language")];
    let set = async |cookies: Cookies| cookies.write(&THEME, &"dark".into()).map(|()| CACHED);
    let app = app()
        .route("/untouched", get(async || (CACHED, "the same for all")))
        .route("/set", get(set))
        .route("/names", get(async |cookies: Cookies| (CACHED, cookies.names().len().to_string())))
        .layer(CookiesLayer::new(&secrets));
    for (path, expected_control, expected_vary) in [
        ("/untouched", Some("public, max-age=60"), &["Accept-Language"][..]),
        ("/set", Some("no-store"), &["Accept-Language", "Cookie"]),
        ("/names", Some("public, max-age=60"), &["Accept-Language", "Cookie"]),
        ("/theme", None, &["Cookie"]),
    ] {
        let answer = Visitor::new(&app).get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let header = |name| answer.headers.get(name).map(|value| value.to_str().expect("text"));
        assert_eq!(header(http::header::CACHE_CONTROL), expected_control, "{path}");
        let vary: Vec<_> = answer.headers.get_all(http::header::VARY).iter().collect();
        assert_eq!(vary, expected_vary, "{path}");
    }
}
