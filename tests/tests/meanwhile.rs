//! What happens while the page is asking: no click is lost, and no news.

use twinjar_tests::{Browser, Look, Page, Product, Server};

/// Holds back the answer to the next question for the session, until `release()`. `held` says that it is there.
const HOLD: &str = "
    const { fetch } = window;
    const opened = new Promise(open => { window.release = open; });
    window.held = false;
    window.fetch = async (input, init) => {
        const answer = await fetch(input, init);
        if (new URL(input, location).pathname === '/api/session' && init.method === 'GET' && !window.held) {
            window.held = true;
            await opened;
        }
        return answer;
    };";

/// Changes the session as another tab would, and waits until the server has told of it.
const COUNT_ELSEWHERE: &str = "
    const stream = new EventSource('/api/session/events');
    await new Promise(done => { stream.onopen = done; });
    const heard = new Promise(done => stream.addEventListener('changed', done));
    const request = new XMLHttpRequest();
    request.open('POST', '/api/count');
    request.setRequestHeader('X-CSRF-Token', document.cookie.match(/session-state=1[.]([^.]+)/)[1]);
    const answered = new Promise(done => { request.onload = done; });
    request.send();
    await Promise.all([heard, answered]);
    stream.close();
    return request.status;";

/// Clicks at once, whatever the page is at.
fn hasty(name: &str, times: u32) -> String {
    format!("for (let n = 0; n < {times}; n++) document.querySelector('[data-testid=\"{name}\"]').click();")
}

async fn until_held(page: &Page<'_>) {
    page.until("the page does not ask", async || page.script("return window.held").await == true).await;
}

async fn release(page: &Page<'_>) {
    page.script("window.release()").await;
    page.gone("[aria-busy=\"true\"]").await;
}

async fn with_a_session(product: Product, story: impl AsyncFnOnce(&Page<'_>)) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.click("count-once").await;
    page.attribute("count-verdict", "data-code", "1").await;
    page.gone("[aria-busy=\"true\"]").await;
    story(&page).await;
}

#[tokio::test]
async fn news_is_shown_that_comes_before_an_older_answer() {
    for product in Product::ALL {
        with_a_session(product, async |page| {
            page.script(&format!("{HOLD} {}", hasty("session-refresh", 1))).await;
            until_held(page).await;
            assert_eq!(page.script_async(COUNT_ELSEWHERE).await, 200, "{product:?}");
            release(page).await;
            page.until("the news is forgotten", async || page.text("count").await == "2").await;
        })
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_is_overtaken_is_not_shown() {
    for product in Product::ALL {
        with_a_session(product, async |page| {
            page.script(&format!("{HOLD} {}", hasty("session-refresh", 1))).await;
            until_held(page).await;
            page.script(&hasty("cart-more", 1)).await;
            let row = "[data-testid=\"cart-row\"][data-count=\"1\"]";
            page.css(row).await;
            release(page).await;
            assert!(page.has(row).await, "{product:?}: the cart is shown as it was");
        })
        .await;
    }
}

#[tokio::test]
async fn a_click_is_taken_while_the_page_follows_another_tab() {
    for product in Product::ALL {
        with_a_session(product, async |page| {
            page.script(HOLD).await;
            assert_eq!(page.script_async(COUNT_ELSEWHERE).await, 200, "{product:?}");
            until_held(page).await;
            page.script(&hasty("session-destroy", 1)).await;
            release(page).await;
            page.attribute("session-status", "data-state", "none").await;
        })
        .await;
    }
}

#[tokio::test]
async fn each_click_counts() {
    for product in Product::ALL {
        with_a_session(product, async |page| {
            page.script(&format!("{} {}", hasty("cart-more", 4), hasty("count-once", 4))).await;
            page.css("[data-testid=\"cart-row\"][data-count=\"4\"]").await;
            page.until("a click is lost", async || page.text("count").await == "5").await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_name_that_somebody_is_writing_stays() {
    let server = Server::demo();
    for product in Product::ALL {
        let browser = Browser::start_as(product, Look::DESKTOP).await;
        let page = Page::open(&browser, &server).await;
        let asked = async || {
            let entries = "[data-path=\"/api/session/devices\"][data-status=\"200\"]";
            let count = format!("return document.querySelectorAll('{entries}').length");
            page.script(&count).await.as_u64()
        };
        page.log_in("alice").await;
        page.css("[data-testid=\"device-row\"]").await;
        page.gone("[aria-busy=\"true\"]").await;
        let before = asked().await;
        page.fill("device-label", "The desk").await;
        page.click("session-refresh").await;
        page.until("the page does not ask", async || asked().await > before).await;
        page.click("device-rename").await;
        page.until("the name is lost", async || page.text("device-list").await.contains("The desk")).await;
    }
}
