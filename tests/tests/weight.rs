//! How heavy the page is, and whether it moves while it loads.

use serde_json::Value;
use twinjar_tests::{Browser, Look, Page, Server, report};

/// HTML, CSS, JavaScript and both modules, as they are sent.
const MAX_BYTES: u64 = 80_000;

/// Everything that the page has fetched, the documents of its own server alone.
async fn weights(page: &Page<'_>) -> Vec<(String, u64)> {
    let entries = page
        .script(
            "const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
             return entries.filter(entry => !entry.name.includes('/api/')).map(entry => [entry.name, entry.encodedBodySize]);",
        )
        .await;
    let entries = entries.as_array().expect("a list");
    let entry = |entry: &Value| Some((entry[0].as_str()?.to_owned(), entry[1].as_u64()?));
    entries.iter().map(|one| entry(one).expect("an entry")).collect()
}

#[tokio::test]
async fn the_whole_page_is_light() {
    let server = Server::demo();
    for language in ["en", "de", "ko"] {
        // With an empty cache: what comes out of it has no size.
        let browser = Browser::start(Look::DESKTOP).await;
        browser.client().goto(&server.url("/healthz")).await.expect("a page of the same site opens");
        let cookie = format!("document.cookie = 'language={language}; path=/'");
        browser.client().execute(&cookie, Vec::new()).await.expect("a cookie can be set");
        let page = Page::open(&browser, &server).await;
        // The rule book is fetched last.
        page.attribute("inspector-verdict", "data-code", "ok").await;
        let weights = weights(&page).await;
        assert!(weights.iter().any(|(name, _)| name.ends_with("inspector.wasm")), "{weights:#?}");
        assert!(weights.iter().all(|&(_, bytes)| bytes > 0), "a size is not told: {weights:#?}");
        let total: u64 = weights.iter().map(|(_, bytes)| bytes).sum();
        report(&format!("the page weighs {total} bytes of brotli in {language}, in {} files", weights.len()));
        assert!(total < MAX_BYTES, "{total} bytes: {weights:#?}");
    }
}

/// How far things on the screen have moved since the page was opened, also while it is scrolled through: each shift with
/// what it moved.
const SHIFTS: &str = "
    const shifts = [];
    const name = ({ node }) => node?.dataset?.testid ?? (node?.className || node?.nodeName);
    const take = entries => shifts.push(...entries.filter(entry => !entry.hadRecentInput)
        .map(entry => [entry.value, entry.sources.map(name)]));
    const observer = new PerformanceObserver(list => take(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    const frame = () => new Promise(requestAnimationFrame);
    for (let y = 0; y < document.documentElement.scrollHeight; y += 500) {
        scrollTo(0, y);
        await frame();
        await frame();
    }
    take(observer.takeRecords());
    return shifts;";

#[tokio::test]
async fn the_page_does_not_move() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    // Filled jars are what could push things around when the page loads again.
    page.click("cookie-set").await;
    page.click("session-put").await;
    page.log_in("alice").await;
    for _ in 0..5 {
        page.reload().await;
        page.attribute("inspector-verdict", "data-code", "ok").await;
        let shifts = page.script_async(SHIFTS).await;
        let shifts = shifts.as_array().expect("a list");
        // A log that shows the newest line first pushes the others down; that is what it is there for.
        let is_log = |shift: &Value| {
            shift[1].as_array().is_some_and(|moved| moved.iter().all(|one| one == "log-entry"))
        };
        let total: f64 =
            shifts.iter().filter(|shift| !is_log(shift)).filter_map(|shift| shift[0].as_f64()).sum();
        // Numbers at a right margin begin elsewhere when they grow; nothing else may move.
        assert!(total < 0.002, "the page moved by {total}: {shifts:?}");
    }
}
