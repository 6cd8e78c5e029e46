//! What the demo page tells, story by story, in Chromium and in Firefox.

use serde_json::json;
use twinjar_tests::{Browser, Curl, Look, Page, Product, Server};

/// A test that runs once in each browser.
macro_rules! in_each_browser {
    ($( $story:ident: $chromium:ident, $firefox:ident; )+) => {
        $(
            #[tokio::test]
            async fn $chromium() {
                $story(Product::Chromium).await;
            }

            #[tokio::test]
            async fn $firefox() {
                $story(Product::Firefox).await;
            }
        )+
    };
}

in_each_browser! {
    preferences_are_cookies_that_both_sides_read: preferences_in_chromium, preferences_in_firefox;
    a_cart_survives_login_and_restart: cart_in_chromium, cart_in_firefox;
    a_first_good_is_no_error: first_good_in_chromium, first_good_in_firefox;
    a_hundred_clicks_are_counted: clicks_in_chromium, clicks_in_firefox;
    both_jars_are_described: jars_in_chromium, jars_in_firefox;
    the_inspector_names_the_broken_rule: inspector_in_chromium, inspector_in_firefox;
    the_wire_shows_all_headers_but_the_secret: wire_in_chromium, wire_in_firefox;
}

async fn preferences_are_cookies_that_both_sides_read(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    assert_eq!(page.script("return document.documentElement.lang").await, json!("en"));

    page.choose_language("ko").await;
    assert!(page.document_cookie().await.contains("language=ko"));
    page.css("[data-testid=\"language-ko\"][aria-pressed=\"true\"]").await;
    page.click("theme-toggle").await;
    page.css("html[data-theme=\"dark\"]").await;
    page.reload().await;
    page.css("html[lang=\"ko\"][data-theme=\"dark\"]").await;

    // Whoever writes the cookie, the page follows.
    page.script("document.cookie = 'language=de; path=/; secure'").await;
    page.css("html[lang=\"de\"][data-ready=\"true\"]").await;
    assert_eq!(page.text("session-put").await, "Ablegen");
}

#[test]
fn the_server_reads_the_same_preferences() {
    let server = Server::demo();
    let visitor = Curl::new(&server);
    for (headers, opening) in [
        (&["--header", "Cookie: language=de; theme=dark"][..], r#"<html lang="de" data-theme="dark">"#),
        (&["--header", "Accept-Language: ko-KR, en;q=0.5"], r#"<html lang="ko">"#),
        (&["--header", "Cookie: language=%3Cscript%3E; theme=blue"], r#"<html lang="en">"#),
    ] {
        let page = visitor.send("GET", "/", headers);
        assert!(page.text().contains(opening), "{headers:?}: {:?}", page.text().lines().nth(2));
        let language = opening.split('"').nth(1);
        assert_eq!(page.header("content-language"), language);
        assert_eq!(page.header("vary").map(str::to_lowercase).as_deref(), Some("cookie, accept-language"));
    }
}

async fn a_cart_survives_login_and_restart(product: Product) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = format!("sqlite:{}", folder.path().join("sessions.sqlite").display());
    let server = Server::demo_with(&["--store", &store]);
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    let row = |good: &str, count: u32| {
        format!("[data-testid=\"cart-row\"][data-good=\"{good}\"][data-count=\"{count}\"]")
    };
    page.click("cart-more").await;
    page.css(&row("plum jam", 1)).await;
    page.click("cart-more").await;
    page.css(&row("plum jam", 2)).await;
    page.click("cart-less").await;
    page.css(&row("plum jam", 1)).await;

    page.log_in("alice").await;
    page.css(&row("plum jam", 1)).await;
    drop(server);
    let server = Server::demo_with(&["--store", &store]);
    let page = Page::open(&browser, &server).await;
    page.css(&row("plum jam", 1)).await;
    page.attribute("login-verdict", "data-code", "alice").await;
    page.click("logout").await;
    page.css(&row("plum jam", 0)).await;
}

async fn a_first_good_is_no_error(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.click("cart-more").await;
    page.css("[data-testid=\"cart-row\"][data-good=\"plum jam\"][data-count=\"1\"]").await;
    assert_eq!(browser.console().await, [""; 0], "the page's console");
}

async fn a_hundred_clicks_are_counted(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    for total in ["100", "200"] {
        page.click("count-hundred").await;
        page.attribute("count-verdict", "data-code", "ok").await;
        page.until("the count is not on the page", async || page.text("count").await == total).await;
        let verdict = page.text("count-verdict").await;
        assert!(verdict.contains("100 sent, 100 counted, 0 lost"), "{verdict}");
        page.script("document.querySelector('[data-testid=\"count-verdict\"]').dataset.code = ''").await;
    }
    let view = page.script_async("return (await fetch('/api/session')).json()").await;
    assert_eq!(view["data"]["count"], json!(200));
    assert_eq!(browser.console().await, [""; 0], "the page's console");
}

async fn both_jars_are_described(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.click("cookie-set").await;
    page.click("session-put").await;
    page.css("[data-testid=\"sealed-row\"][data-name=\"__Host-id\"]").await;

    let note = "[data-testid=\"cookie-row\"][data-name=\"flavour\"] [data-slot=\"note\"]";
    let read = async |selector: &str| page.css(selector).await.text().await.expect("a note has text");
    let first = read(note).await;
    assert!(
        first.contains("26 bytes") && first.contains("Path=/; SameSite=Lax") && first.contains("left"),
        "{first}"
    );
    page.until("the countdown stands still", async || read(note).await != first).await;
    let sealed = read("[data-testid=\"sealed-row\"] [data-slot=\"note\"]").await;
    assert!(sealed.contains("HttpOnly") && (sealed.contains("30:00") || sealed.contains("29:")), "{sealed}");
    let value = read("[data-testid=\"session-row\"][data-key=\"cart\"] [data-slot=\"note\"]").await;
    assert_eq!(value, "28 bytes of JSON");

    // What the page has not written itself, it knows less of.
    page.script("document.cookie = 'stranger=1; path=/'").await;
    let stranger = read("[data-testid=\"cookie-row\"][data-name=\"stranger\"] [data-slot=\"note\"]").await;
    assert!(stranger.contains("9 bytes") && stranger.contains("not told to scripts"), "{stranger}");
}

async fn the_inspector_names_the_broken_rule(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    for (attempt, code, rule) in [
        ("kept", "ok", None),
        ("domain", "domain_foreign", Some("Domain")),
        ("prefix", "host_prefix", Some("Prefix")),
        ("none", "same_site_none_without_secure", Some("SameSite")),
        ("script", "http_only_from_script", Some("HttpOnly")),
        ("bent", "ok", None),
    ] {
        page.click_on(&format!("[data-testid=\"inspector-try\"][data-try=\"{attempt}\"]")).await;
        page.attribute("inspector-verdict", "data-code", code).await;
        match rule {
            Some(rule) => {
                page.css(&format!("[data-rule=\"{rule}\"][data-kept=\"false\"]")).await;
            }
            None => page.gone("[data-kept=\"false\"]").await,
        }
    }
    let outcome = page.text("inspector-outcome").await;
    for note in ["lifetime_clamped", "attribute_unknown", "path_defaulted", "same_site_unknown"] {
        assert!(outcome.contains(note), "{note} is not in {outcome}");
    }
    page.fill("inspector-line", "id=7").await;
    page.attribute("inspector-verdict", "data-code", "ok").await;
    page.click("inspector-cross").await;
    page.attribute("inspector-verdict", "data-code", "cross_site").await;
    page.fill("inspector-url", "shop").await;
    page.attribute("inspector-verdict", "data-code", "url_scheme").await;
}

async fn the_wire_shows_all_headers_but_the_secret(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    page.click("session-put").await;
    page.css("[data-testid=\"sealed-row\"]").await;
    let entry = "[data-testid=\"log-entry\"][data-method=\"PUT\"][data-status=\"204\"]";
    page.css(entry).await;
    let headers = page.script(&format!("return document.querySelector('{entry} pre').textContent")).await;
    let headers = headers.as_str().expect("a text");
    for line in [
        "PUT /api/session/data/cart",
        "sec-fetch-site: same-origin",
        "set-cookie: __Host-id=••••••••; Path=/",
    ] {
        assert!(headers.contains(line), "{line} is not in\n{headers}");
    }
    let cookies = browser.client().get_all_cookies().await.expect("the browser shows its cookies");
    let id = cookies.iter().find(|cookie| cookie.http_only() == Some(true)).expect("a session has a cookie");
    let html = page.script("return document.documentElement.outerHTML").await.to_string();
    assert!(!html.contains(id.value()), "the page holds the secret id");
}

/// The second of two browsers names the first one's session, and ends it.
async fn devices(first: Product, its_name: &str, second: Product) {
    let server = Server::demo();
    let (desk, pocket) =
        (Browser::start_as(first, Look::DESKTOP).await, Browser::start_as(second, Look::DESKTOP).await);
    let (desk, pocket) = (Page::open(&desk, &server).await, Page::open(&pocket, &server).await);
    desk.log_in("bob").await;
    pocket.log_in("bob").await;
    let others = "[data-testid=\"device-row\"][data-current=\"false\"]";
    let name = pocket.css(&format!("{others} [data-slot=\"name\"]")).await.text().await.expect("a name");
    assert!(name.starts_with(its_name), "{name}");

    desk.fill("device-label", "The desk").await;
    desk.click("device-rename").await;
    desk.until("the name was not taken", async || desk.text("device-list").await.contains("The desk")).await;
    pocket.reload().await;
    pocket
        .until("the name is not told", async || pocket.text("device-list").await.contains("The desk"))
        .await;

    pocket.click_on(&format!("{others} [data-testid=\"device-end\"]")).await;
    pocket.gone(others).await;
    desk.attribute("session-status", "data-state", "none").await;
    desk.attribute("login-verdict", "data-code", "none").await;
    assert_eq!(desk.text("announce").await, "The session was ended from another device.");
}

#[tokio::test]
async fn firefox_names_and_ends_the_session_of_chromium() {
    devices(Product::Chromium, "Chrome", Product::Firefox).await;
}

#[tokio::test]
async fn chromium_names_and_ends_the_session_of_firefox() {
    devices(Product::Firefox, "Firefox", Product::Chromium).await;
}
