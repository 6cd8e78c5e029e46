//! What must hold in every browser: the page works, and the harness sees what it does.

use serde_json::json;
use twinjar_tests::{Browser, Look, Page, Product, Server};

async fn a_person_uses_both_jars(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    // The browser's own start page has addresses of its own.
    browser.client().goto("about:blank").await.expect("an empty page");
    browser.requests().await;
    let page = Page::open(&browser, &server).await;

    page.fill("cookie-name", "flavour").await;
    page.fill("cookie-value", "plum & ginger").await;
    page.click("cookie-set").await;
    page.attribute("cookie-verdict", "data-code", "ok").await;
    assert!(page.document_cookie().await.contains("flavour=plum%20%26%20ginger"));

    page.fill("session-key", "note").await;
    page.fill("session-value", "\"plum\"").await;
    page.click("session-put").await;
    page.css("[data-testid=\"session-row\"][data-key=\"note\"]").await;
    page.reload().await;
    page.css("[data-testid=\"session-row\"][data-key=\"note\"]").await;

    let hidden = browser.client().get_all_cookies().await.expect("the browser shows its cookies");
    assert!(hidden.iter().any(|cookie| cookie.http_only() == Some(true)), "{hidden:?}");
    assert_eq!(browser.console().await, [""; 0], "the page's console");
    let requests = browser.requests().await;
    assert!(requests.iter().any(|url| url.contains("/api/session")), "the log misses requests: {requests:?}");
    let own = format!("{}/", server.origin());
    let foreign: Vec<_> =
        requests.iter().filter(|url| !url.starts_with(&own) && !url.starts_with("data:")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[tokio::test]
async fn a_person_uses_both_jars_in_chromium() {
    a_person_uses_both_jars(Product::Chromium).await;
}

#[tokio::test]
async fn a_person_uses_both_jars_in_firefox() {
    a_person_uses_both_jars(Product::Firefox).await;
}

#[tokio::test]
async fn the_harness_sees_errors_and_refusals() {
    for product in Product::ALL {
        let server = Server::demo();
        let browser = Browser::start_as(product, Look::DESKTOP.dark()).await;
        let page = Page::open(&browser, &server).await;
        let dark = page.script("return matchMedia('(prefers-color-scheme: dark)').matches").await;
        browser.prefer("light").await;
        let light = page.script("return matchMedia('(prefers-color-scheme: light)').matches").await;
        assert_eq!([dark, light], [json!(true), json!(true)], "{product:?}");

        browser.console().await;
        // The demo's policy refuses the picture; a harness that missed it could not tell that nothing is asked elsewhere.
        page.script(
            "new Image().src = 'http://127.0.0.1:9/elsewhere'; setTimeout(() => { throw new Error('thrown') })",
        )
        .await;
        let mut console = Vec::new();
        page.until("the console misses a message", async || {
            console.extend(browser.console().await);
            ["thrown", "img-src"].iter().all(|word| console.iter().any(|line| line.contains(word)))
        })
        .await;
    }
}
