//! The demo page as a person uses it: both jars, through the page, in headless Chromium.

use cookie::{Cookie, SameSite};
use serde_json::json;
use twinjar_tests::{Browser, Look, Page, Server};

async fn set_cookie(page: &Page<'_>, name: &str, value: &str) {
    page.fill("cookie-name", name).await;
    page.fill("cookie-value", value).await;
    page.click("cookie-set").await;
    page.attribute("cookie-verdict", "data-code", "ok").await;
}

async fn put_value(page: &Page<'_>, key: &str, value: &str) {
    page.fill("session-key", key).await;
    page.fill("session-value", value).await;
    page.click("session-put").await;
    page.css(&format!("[data-testid=\"session-row\"][data-key=\"{key}\"]")).await;
    page.attribute("session-status", "data-state", "active").await;
}

/// What the server says it received in a request that a script makes now.
async fn echo(page: &Page<'_>) -> serde_json::Value {
    page.script_async("return (await fetch('/api/echo')).json()").await
}

/// The cookie that only the browser itself can show: the session's.
async fn hidden_cookie(browser: &Browser) -> Option<Cookie<'static>> {
    let cookies = browser.client().get_all_cookies().await.expect("the browser shows its cookies");
    cookies.into_iter().find(|cookie| cookie.http_only() == Some(true))
}

#[tokio::test]
async fn a_cookie_set_on_the_page_reaches_the_server() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;

    set_cookie(&page, "flavour", "plum & ginger").await;
    page.css("[data-testid=\"cookie-row\"][data-name=\"flavour\"]").await;
    assert!(page.text("document-cookie").await.contains("flavour=plum%20%26%20ginger"));

    page.click("echo-run").await;
    let seen = page.css("[data-name=\"flavour\"] [data-seen=\"server\"]").await;
    assert!(seen.text().await.expect("a cell has text").contains("plum"));

    let received = echo(&page).await;
    let cookies = received["cookies"].as_array().expect("cookies are a list");
    assert!(cookies.contains(&json!(["flavour", "plum & ginger"])), "{received}");
}

#[tokio::test]
async fn a_cookie_is_changed_and_deleted() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;

    set_cookie(&page, "flavour", "plum").await;
    page.click("cookie-edit").await;
    assert_eq!(page.value("cookie-name").await, "flavour");
    assert_eq!(page.value("cookie-value").await, "plum");
    page.fill("cookie-value", "pear").await;
    page.click("cookie-set").await;
    page.until("the new value is not in document.cookie", async || {
        page.document_cookie().await.contains("flavour=pear")
    })
    .await;

    page.click("cookie-remove").await;
    page.gone("[data-testid=\"cookie-row\"][data-name=\"flavour\"]").await;
    assert!(!page.document_cookie().await.contains("flavour"));
}

#[tokio::test]
async fn a_cookie_that_browsers_drop_is_refused_with_its_reason() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;

    for (attempt, name) in [("none", "widget"), ("host", "__Host-basket"), ("large", "essay")] {
        page.click_on(&format!("[data-try=\"{attempt}\"]")).await;
        page.click("cookie-set").await;
        let verdict = page.element("cookie-verdict").await;
        let code = verdict.attr("data-code").await.expect("a verdict has attributes").unwrap_or_default();
        assert!(!code.is_empty() && code != "ok", "{attempt}: {code:?}");
        assert!(!page.text("cookie-verdict").await.is_empty(), "{attempt} is refused without a word");
        assert!(!page.document_cookie().await.contains(name), "{attempt} was written");
    }
}

#[tokio::test]
async fn a_session_value_outlives_a_reload() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.attribute("session-status", "data-state", "none").await;

    put_value(&page, "cart", r#"{"items": ["plum jam"], "n": 1}"#).await;
    page.reload().await;
    page.attribute("session-status", "data-state", "active").await;
    page.css("[data-testid=\"session-row\"][data-key=\"cart\"]").await;

    page.fill("session-key", "cart").await;
    page.fill("session-value", "null").await;
    page.click("session-get").await;
    page.until("the value was not read", async || page.value("session-value").await.contains("plum jam"))
        .await;

    page.click("session-delete").await;
    page.gone("[data-testid=\"session-row\"][data-key=\"cart\"]").await;
    let view = page.script_async("return (await fetch('/api/session')).json()").await;
    assert_eq!(view["data"], json!({}), "{view}");
}

#[tokio::test]
async fn a_destroyed_session_is_gone_on_both_sides() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    put_value(&page, "note", "\"remember me\"").await;
    let before = page.document_cookie().await;
    assert!(!before.is_empty(), "the companion cookie tells scripts of the session");
    let id = hidden_cookie(&browser).await.expect("a session has a cookie");

    page.click("session-destroy").await;
    page.attribute("session-status", "data-state", "none").await;
    page.gone("[data-testid=\"session-row\"]").await;
    assert_eq!(hidden_cookie(&browser).await, None);
    assert_eq!(page.document_cookie().await, "", "the companion cookie stayed");
    assert_eq!(echo(&page).await["cookies"], json!([]));

    // A thief who kept the id finds nothing behind it.
    browser.client().add_cookie(id).await.expect("a cookie can be put back");
    let view = page.script_async("return (await fetch('/api/session')).json()").await;
    assert_eq!(view["active"], json!(false), "{view}");
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_before_the_persons_eyes() {
    let server = Server::demo_with(&["--idle", "5s"]);
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    put_value(&page, "note", "\"soon gone\"").await;
    page.attribute("session-status", "data-state", "none").await;
    page.gone("[data-testid=\"session-row\"]").await;
    page.until("the dead id stayed in the browser", async || hidden_cookie(&browser).await.is_none()).await;
    assert_eq!(page.document_cookie().await, "");
}

#[tokio::test]
async fn a_cookie_set_by_another_means_is_seen() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;

    let cookie = Cookie::build(("visitor", "webdriver"))
        .path("/")
        .domain("127.0.0.1")
        .same_site(SameSite::Lax)
        .build();
    browser.client().add_cookie(cookie).await.expect("a cookie can be added");
    page.css("[data-testid=\"cookie-row\"][data-name=\"visitor\"]").await;

    let first = browser.client().window().await.expect("there is a window");
    let second = browser.client().new_window(true).await.expect("a second tab can be opened");
    browser.client().switch_to_window(second.handle).await.expect("the tab can be shown");
    browser.client().goto(&server.url("/healthz")).await.expect("another page of the site opens");
    page.script(
        "document.cookie = 'neighbour=tab; path=/'; document.cookie = 'visitor=gone; path=/; max-age=0'",
    )
    .await;
    browser.client().switch_to_window(first).await.expect("the first tab can be shown");
    page.css("[data-testid=\"cookie-row\"][data-name=\"neighbour\"]").await;
    page.gone("[data-testid=\"cookie-row\"][data-name=\"visitor\"]").await;
}

#[tokio::test]
async fn no_script_reads_the_session_cookie_and_yet_it_works() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    put_value(&page, "count", "7").await;

    let id = hidden_cookie(&browser).await.expect("a session has a cookie");
    let visible = page.document_cookie().await;
    let names: Vec<&str> = visible.split("; ").filter_map(|pair| pair.split('=').next()).collect();
    assert!(!names.contains(&id.name()), "{visible}");
    assert!(!visible.contains(id.value()), "{visible}");

    let received = echo(&page).await.to_string();
    assert!(received.contains(id.name()), "the server did not receive the session cookie: {received}");
    assert!(!received.contains(id.value()), "the server told a script the session cookie's value");
    let view = page.script_async("return (await fetch('/api/session')).json()").await;
    assert_eq!((&view["active"], &view["data"]["count"]), (&json!(true), &json!(7)));

    page.click("echo-run").await;
    let selector = format!(
        "[data-testid=\"echo-cookies\"] tr[data-name=\"{}\"] [data-seen=\"script\"].absent",
        id.name()
    );
    page.css(&selector).await;
}

#[tokio::test]
async fn the_session_api_refuses_what_the_server_does_not_expose() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;

    for (key, value, code) in [("admin", "true", "key_not_exposed"), ("count", "\"seven\"", "value_rejected")]
    {
        page.fill("session-key", key).await;
        page.fill("session-value", value).await;
        page.click("session-put").await;
        page.css(&format!("[data-testid=\"session-verdict\"][data-code*=\"{code}\"]")).await;
    }
    assert!(!page.has("[data-testid=\"session-row\"]").await, "a refused value was kept");
}

#[tokio::test]
async fn a_cookie_may_be_called_as_what_every_object_has() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    for name in ["toString", "constructor", "__proto__"] {
        set_cookie(&page, name, "plum").await;
        page.css(&format!("[data-testid=\"cookie-row\"][data-name=\"{name}\"]")).await;
    }
    page.reload().await;
    page.css("[data-testid=\"cookie-row\"][data-name=\"__proto__\"]").await;
    assert!(!page.element("boot-error").await.is_displayed().await.expect("a page can be looked at"));
}

#[tokio::test]
async fn a_typed_password_is_shown_nowhere() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.fill("login-username", "mallory").await;
    page.fill("login-password", "correct-horse").await;
    page.click("login").await;
    page.attribute("login-verdict", "data-code", "401 invalid_credentials").await;
    page.css("[data-testid=\"log-entry\"][data-path=\"/api/login\"][data-status=\"401\"]").await;
    let html = page.script("return document.documentElement.outerHTML").await.to_string();
    assert!(
        html.contains("mallory") && html.contains("content-type: application/json"),
        "nothing was logged"
    );
    assert!(!html.contains("correct-horse"), "the log shows a password");
}

#[tokio::test]
async fn an_answer_of_a_proxy_is_a_problem_like_others() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.script("globalThis.fetch = async () => new Response('<h1>Bad Gateway</h1>', { status: 502 })").await;
    page.click("count-once").await;
    page.attribute("count-verdict", "data-code", "502 http_error").await;
    assert!(page.text("count-verdict").await.contains("502"));
}

#[tokio::test]
async fn the_page_knows_what_it_has_written_itself() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.click("theme-toggle").await;
    page.choose_language("de").await;
    for name in ["theme", "language"] {
        let note = format!("[data-testid=\"cookie-row\"][data-name=\"{name}\"] [data-slot=\"note\"]");
        let note = page.css(&note).await.text().await.expect("a row has text");
        assert!(note.contains("Path=/; SameSite=Lax") && note.contains(" Tage"), "{name}: {note}");
    }
}
