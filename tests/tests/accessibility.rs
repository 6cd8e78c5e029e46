//! axe-core finds nothing to complain of: in every language, in every state of the page, on light and on dark paper.

use serde_json::Value;
use twinjar_tests::{Browser, Look, Page, Product, Server, axe};

/// Every violation of a rule of WCAG 2.2 AA or of a best practice, with the elements that break it.
async fn violations(page: &Page<'_>) -> Vec<String> {
    if page.script("return typeof axe").await != "object" {
        page.script(&axe()).await;
    }
    let found = page
        .script_async(
            "const { violations } = await axe.run(document, { resultTypes: ['violations'] });
             return violations.flatMap(({ id, nodes }) =>
                 nodes.map(node => `${id}: ${node.target} ${node.any.concat(node.all, node.none).map(check => check.message)}`));",
        )
        .await;
    match found {
        Value::Array(found) => found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect(),
        other => panic!("axe did not run: {other}"),
    }
}

async fn assert_none(page: &Page<'_>, state: &str) {
    let found = violations(page).await;
    assert!(found.is_empty(), "{state}: {found:#?}");
}

/// Brings about what a page can show: filled jars, a login, refusals, a broken rule, open headers.
async fn fill(page: &Page<'_>) {
    page.click("cookie-set").await;
    page.click("session-put").await;
    page.css("[data-testid=\"sealed-row\"]").await;
    page.log_in("alice").await;
    page.css("[data-testid=\"device-row\"]").await;
    page.click_on("[data-testid=\"cookie-try\"][data-try=\"none\"]").await;
    page.click_on("[data-testid=\"session-try\"][data-try=\"type\"]").await;
    page.click("session-put").await;
    page.css("[data-testid=\"session-verdict\"][data-tone=\"bad\"]").await;
    page.click("cart-more").await;
    page.css("[data-testid=\"cart-row\"][data-count=\"2\"]").await;
    page.click_on("[data-testid=\"inspector-try\"][data-try=\"prefix\"]").await;
    page.css("[data-kept=\"false\"]").await;
    page.script("document.querySelector('[data-testid=\"log-headers\"]').open = true").await;
}

async fn every_state(product: Product, look: Look, name: &str) {
    let server = Server::demo();
    let browser = Browser::start_as(product, look).await;
    let page = Page::open(&browser, &server).await;
    for language in ["en", "de", "ko"] {
        page.choose_language(language).await;
        assert_none(&page, &format!("{name}, {language}, empty")).await;
    }
    for language in ["ko", "de", "en"] {
        page.choose_language(language).await;
        fill(&page).await;
        assert_none(&page, &format!("{name}, {language}, filled")).await;
        page.click("logout").await;
        page.attribute("login-verdict", "data-code", "none").await;
    }
}

#[tokio::test]
async fn nothing_stands_in_the_way_on_light_paper() {
    every_state(Product::Chromium, Look::DESKTOP, "light").await;
}

#[tokio::test]
async fn nothing_stands_in_the_way_on_dark_paper() {
    every_state(Product::Chromium, Look::DESKTOP.dark(), "dark").await;
}

#[tokio::test]
async fn nothing_stands_in_the_way_on_a_phone() {
    every_state(Product::Chromium, Look::PHONE, "phone").await;
}

#[tokio::test]
async fn nothing_stands_in_the_way_in_firefox() {
    every_state(Product::Firefox, Look::DESKTOP, "Firefox").await;
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_a_broken_page() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.script(
        "const notice = document.getElementById('boot-error'); notice.textContent = 'broken'; notice.hidden = false;",
    )
    .await;
    drop(server);
    page.click("session-refresh").await;
    page.attribute("session-status", "data-state", "down").await;
    assert_none(&page, "down").await;
}
