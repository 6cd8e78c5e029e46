//! The demo page in Express mode: on a Redis that a real Express application shares, behind one address.

use serde_json::json;
use twinjar_tests::{Browser, Look, Page, Product, Server};

/// What the Express application says of the session.
async fn on_express(page: &Page<'_>) -> serde_json::Value {
    page.script_async("return (await (await fetch('/express/session')).json()).session").await
}

/// Has the Express application do something.
async fn have_express(page: &Page<'_>, what: &str) {
    let status = format!("return (await fetch('/express/{what}', {{ method: 'POST' }})).status");
    assert_eq!(page.script_async(&status).await, json!(200), "{what}");
}

/// Asks the server again, as a person would.
async fn ask_again(page: &Page<'_>) {
    page.click("session-refresh").await;
    page.gone("#server [aria-busy=\"true\"], #server[aria-busy=\"true\"]").await;
}

async fn one_session_on_both_sides(product: Product) {
    let server = Server::express_demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open_at(&browser, &server, "/index.html").await;
    page.click("cart-more").await;
    page.css("[data-testid=\"cart-row\"][data-good=\"plum jam\"][data-count=\"1\"]").await;
    // A cart that is not there yet is a 404, which Chromium notes.
    drop(browser.console().await);
    page.log_in("alice").await;
    page.css("[data-testid=\"sealed-row\"][data-name=\"connect.sid\"]").await;
    let session = on_express(&page).await;
    assert_eq!((&session["user"], &session["cart"]["items"]), (&json!("alice"), &json!(["plum jam"])));

    page.click("count-hundred").await;
    page.attribute("count-verdict", "data-code", "ok").await;
    assert_eq!(on_express(&page).await["count"], json!(100));
    have_express(&page, "count").await;
    ask_again(&page).await;
    page.until("the count is not on the page", async || page.text("count").await == "101").await;

    // A new id on the other side: the page has another token, and goes on.
    have_express(&page, "regenerate").await;
    ask_again(&page).await;
    page.click("count-once").await;
    page.until("the count stands still", async || page.text("count").await == "102").await;

    have_express(&page, "logout").await;
    ask_again(&page).await;
    page.attribute("session-status", "data-state", "none").await;
    page.attribute("login-verdict", "data-code", "none").await;
    page.gone("[data-testid=\"sealed-row\"]").await;
    assert_eq!(browser.console().await, [""; 0], "the page's console");
}

async fn what_the_format_has_no_room_for(product: Product) {
    let server = Server::express_demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open_at(&browser, &server, "/index.html").await;
    page.log_in("bob").await;
    assert!(page.text("device-empty").await.contains("Express"), "{}", page.text("device-empty").await);
    assert!(!page.has("[data-testid=\"device-row\"]").await);
    for control in ["device-others", "device-label", "device-rename"] {
        assert!(page.has(&format!("[data-testid=\"{control}\"]:disabled")).await, "{control}");
    }
    assert_eq!(page.text("session-absolute").await, "never");
    let idle = page.text("session-idle").await;
    assert!(idle.starts_with("29:") || idle == "30:00", "{idle}");
    let asked = browser.requests().await;
    for route in ["/events", "/devices"] {
        assert!(!asked.iter().any(|url| url.ends_with(route)), "{route} is asked for: {asked:#?}");
    }
    page.click("logout").await;
    page.attribute("login-verdict", "data-code", "none").await;
    assert_eq!(on_express(&page).await, json!({}));
    assert_eq!(browser.console().await, [""; 0], "the page's console");
}

async fn side_by_side(product: Product) {
    let server = Server::express_demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let client = browser.client();
    client.goto(&server.url("/")).await.expect("the page can be opened");
    for (side, button, count) in [("express", 2, 1), ("twinjar", 2, 2), ("twinjar", 3, 2), ("express", 2, 3)]
    {
        let selector = format!("[data-side=\"{side}\"] button:nth-of-type({button})");
        let waiting = client.wait().for_element(fantoccini::Locator::Css(&selector)).await;
        waiting.expect("there are buttons").click().await.expect("a button can be clicked");
        let script = "return [...document.querySelectorAll('pre')].map(shown => JSON.parse(shown.textContent || '{}').count)";
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let shown = client.execute(script, Vec::new()).await.expect("a script runs");
            if shown == json!([count, count]) {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "{side}, button {button}: {shown}");
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    }
    assert_eq!(browser.console().await, [""; 0], "the page's console");
}

#[tokio::test]
async fn one_session_in_chromium() {
    one_session_on_both_sides(Product::Chromium).await;
}

#[tokio::test]
async fn one_session_in_firefox() {
    one_session_on_both_sides(Product::Firefox).await;
}

#[tokio::test]
async fn no_room_in_chromium() {
    what_the_format_has_no_room_for(Product::Chromium).await;
}

#[tokio::test]
async fn no_room_in_firefox() {
    what_the_format_has_no_room_for(Product::Firefox).await;
}

#[tokio::test]
async fn side_by_side_in_chromium() {
    side_by_side(Product::Chromium).await;
}

#[tokio::test]
async fn side_by_side_in_firefox() {
    side_by_side(Product::Firefox).await;
}
