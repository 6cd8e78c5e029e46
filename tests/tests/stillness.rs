//! What is on the page stays where it is while scripts and data arrive, however slowly.

use serde_json::json;
use twinjar_tests::{Browser, Gate, Look, Page, Product, Server};

/// Notes where everything is, and then each thing that is elsewhere in some frame, once.
const WATCH: &str = "
    const place = each => {
        const { left, right, top } = each.getBoundingClientRect();
        return { left: Math.round(left), right: Math.round(right), top: Math.round(top + scrollY) };
    };
    const isSeen = each => each.checkVisibility() && each.offsetHeight > 0;
    const all = [...document.querySelectorAll('body *')].filter(isSeen);
    const first = new Map(all.map(each => [each, place(each)]));
    window.moved = [];
    window.framesSeen = 0;
    const look = () => {
        window.framesSeen += 1;
        for (const [each, was] of first) {
            if (!each.isConnected || !isSeen(each)) continue;
            const is = place(each);
            // Text at a right margin begins elsewhere when it grows.
            if (is.top === was.top && (is.left === was.left || is.right === was.right)) continue;
            window.moved.push([each.outerHTML.slice(0, 120), was, is]);
            first.delete(each);
        }
        requestAnimationFrame(look);
    };
    look();
    return first.size;";

async fn nothing_moves(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    for (language, is_filled) in [("en", false), ("en", true), ("de", true), ("ko", true)] {
        let page = Page::open(&browser, &server).await;
        page.choose_language(language).await;
        if is_filled {
            page.click("cookie-set").await;
            page.click("session-put").await;
            page.log_in("alice").await;
        }
        let gate = Gate::before(&server, &["/pkg/", "/api/", "/inspector/"]);
        let page = Page::begin(&browser, gate.origin()).await;
        let watched = page.script(WATCH).await;
        assert!(watched.as_u64() > Some(200), "{watched} things are on the page");
        gate.release("/pkg/");
        page.css("[data-testid=\"cart-row\"]").await;
        gate.release("/api/");
        page.ready().await;
        gate.release("/inspector/");
        page.attribute("inspector-verdict", "data-code", "ok").await;
        frames(&page, 2).await;
        let moved = page.script("return window.moved").await;
        assert_eq!(moved, json!([]), "{product:?}, {language}, filled: {is_filled}: {moved:#}");
    }
}

/// Waits until so many more frames are drawn: what has happened by now is on the screen then.
async fn frames(page: &Page<'_>, more: u64) {
    let seen = async || page.script("return window.framesSeen").await.as_u64();
    let enough = seen().await.map(|seen| seen + more);
    page.until("no frame is drawn", async || seen().await >= enough).await;
}

#[tokio::test]
async fn nothing_moves_in_chromium() {
    nothing_moves(Product::Chromium).await;
}

#[tokio::test]
async fn nothing_moves_in_firefox() {
    nothing_moves(Product::Firefox).await;
}
