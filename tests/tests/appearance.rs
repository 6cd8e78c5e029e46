//! The demo page for everybody: phone width, both colour schemes, and no other host.

use serde_json::json;
use twinjar_tests::{Browser, Look, Page, Server};

#[tokio::test]
async fn nothing_is_asked_of_another_host() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP).await;
    // The browser's own start page has addresses of its own.
    browser.client().goto("about:blank").await.expect("an empty page");
    browser.requests().await;
    let page = Page::open(&browser, &server).await;
    page.click("cookie-set").await;
    page.click("session-put").await;
    page.attribute("session-status", "data-state", "active").await;
    page.click("echo-run").await;
    page.css("[data-testid=\"echo-cookies\"] tbody tr").await;

    assert_eq!(browser.console().await, [""; 0], "the page's console");

    let requests = browser.requests().await;
    assert!(requests.iter().any(|url| url.contains("/api/session")), "the log misses requests: {requests:?}");
    let own = format!("{}/", server.origin());
    let foreign: Vec<_> =
        requests.iter().filter(|url| !url.starts_with(&own) && !url.starts_with("data:")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[tokio::test]
async fn a_phone_needs_no_sideways_scrolling() {
    let server = Server::demo();
    let browser = Browser::start(Look::PHONE).await;
    let page = Page::open(&browser, &server).await;
    // The widest things a person can bring about: a long value in each jar, and both tables filled.
    page.fill("cookie-value", &"wide".repeat(200)).await;
    page.click("cookie-set").await;
    page.fill("session-key", "note").await;
    page.fill("session-value", &format!("\"{}\"", "wide".repeat(200))).await;
    page.click("session-put").await;
    page.attribute("session-verdict", "data-code", "ok").await;
    page.click("echo-run").await;
    page.css("[data-testid=\"echo-cookies\"] tbody tr").await;

    let widths = page.script("return [document.documentElement.scrollWidth, innerWidth, screen.width]").await;
    assert_eq!(widths, json!([360, 360, 360]), "scroll width, window and screen");
    let small = page
        .script(
            "return [...document.querySelectorAll('button, input:not([type=checkbox]), select, textarea')] \
             .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 24) \
             .map(each => each.dataset.testid ?? each.outerHTML)",
        )
        .await;
    assert_eq!(small, json!([]), "too small for a finger");
}

#[tokio::test]
async fn light_and_dark_follow_the_person_and_stay_readable() {
    let server = Server::demo();
    let browser = Browser::start(Look::DESKTOP.dark()).await;
    let page = Page::open(&browser, &server).await;
    let dark = paper(&page).await;
    browser.prefer("light").await;
    let light = paper(&page).await;
    assert!(dark < 80.0 && light > 175.0, "dark paper is {dark}, light paper {light} of 255");

    // The person's own choice wins, and outlives a reload.
    page.click("theme-toggle").await;
    page.until("the toggle does nothing", async || paper(&page).await < 80.0).await;
    page.reload().await;
    assert!(paper(&page).await < 80.0, "the choice was forgotten");

    for scheme in ["light", "dark"] {
        assert_eq!(faint(&page).await, json!([]), "contrast below 4.5 before switching to {scheme}");
        page.click("theme-toggle").await;
    }
}

/// How bright the page's paper is, from 0 to 255.
async fn paper(page: &Page<'_>) -> f64 {
    let brightness = page.script(&format!("{COLOURS} return 255 * luminance(behind(document.body));")).await;
    brightness.as_f64().expect("a number")
}

/// Texts whose contrast with what is behind them is below 4.5, the AA level of WCAG 2.
async fn faint(page: &Page<'_>) -> serde_json::Value {
    let script = format!(
        "{COLOURS}
        const texts = [...document.querySelectorAll('main *, header *')].filter(each => each.checkVisibility()
            && !each.disabled && !each.closest('svg')
            && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
        return texts.filter(each => {{
            const pair = [luminance(colour(getComputedStyle(each).color)), luminance(behind(each))].sort((a, b) => b - a);
            return (pair[0] + 0.05) / (pair[1] + 0.05) < 4.5;
        }}).map(each => each.textContent.trim().slice(0, 40));"
    );
    page.script(&script).await
}

// A canvas turns any CSS colour into its channels; transparent backgrounds show the ancestor's.
const COLOURS: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const colour = text => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const behind = element => {
        for (let each = element; each; each = each.parentElement) {
            const found = colour(getComputedStyle(each).backgroundColor);
            if (found[3] === 255) return found;
        }
        return colour(getComputedStyle(document.documentElement).colorScheme.includes('dark') ? 'black' : 'white');
    };
    const luminance = channels => {
        const [r, g, b] = [...channels].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };";
