//! The keyboard alone is enough: every section of the page, and whoever types always sees where they are.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;
use twinjar_tests::{Browser, Curl, Look, Page, Product, Server};

/// What has the focus: its name, and whether a person sees it.
const FOCUS: &str = "
    const focused = document.activeElement;
    if (!focused || focused === document.body) return ['nothing', false];
    const { outlineStyle, outlineWidth } = getComputedStyle(focused);
    const { top, bottom } = focused.getBoundingClientRect();
    return [
        focused.dataset.testid ?? focused.outerHTML.slice(0, 80),
        outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && bottom > 0 && top < innerHeight,
    ];";

/// A person without a mouse.
struct Typist<'a> {
    page: &'a Page<'a>,
    browser: &'a Browser,
}

impl Typist<'_> {
    /// Presses a key, wherever the focus is, and looks where it is then.
    async fn press(&self, key: impl Into<char>) {
        self.chord(None, key.into()).await;
    }

    async fn chord(&self, modifier: Option<Key>, key: char) {
        let down = |value| KeyAction::Down { value };
        let up = |value| KeyAction::Up { value };
        let held = modifier.map(char::from);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = held.into_iter().fold(keys, |keys, held| keys.then(down(held)));
        let keys = keys.then(down(key)).then(up(key));
        let keys = held.into_iter().fold(keys, |keys, held| keys.then(up(held)));
        self.browser.client().perform_actions(keys).await.expect("a key can be pressed");
        self.focus().await;
    }

    async fn write(&self, text: &str) {
        for key in text.chars() {
            self.press(key).await;
        }
    }

    /// Replaces what a field of several lines holds.
    async fn rewrite(&self, text: &str) {
        self.chord(Some(Key::Control), 'a').await;
        self.write(text).await;
    }

    /// The test name of what has the focus.
    async fn focus(&self) -> String {
        let focus = self.page.script(FOCUS).await;
        assert_eq!(
            focus[1],
            json!(true),
            "{:?}: it is not seen that {} has the focus",
            self.product(),
            focus[0]
        );
        focus[0].as_str().unwrap_or_default().to_owned()
    }

    async fn is_at(&self, selector: &str) -> bool {
        let script = format!("return document.activeElement.matches('{selector}')");
        self.page.script(&script).await == json!(true)
    }

    async fn tab_to(&self, selector: &str) {
        self.go(None, selector).await;
    }

    async fn tab_back_to(&self, selector: &str) {
        self.go(Some(Key::Shift), selector).await;
    }

    async fn go(&self, modifier: Option<Key>, selector: &str) {
        for _ in 0..100 {
            self.chord(modifier, Key::Tab.into()).await;
            if self.is_at(selector).await {
                return;
            }
        }
        panic!("{:?}: the Tab key does not reach {selector}", self.product());
    }

    fn product(&self) -> Product {
        self.browser.product()
    }
}

fn named(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

async fn both_jars(typist: &Typist<'_>) {
    let page = typist.page;
    typist.tab_to(&named("cookie-name")).await;
    typist.write("topping").await;
    typist.tab_to(&named("cookie-value")).await;
    typist.write("cream").await;
    typist.tab_to(&named("cookie-samesite")).await;
    typist.press(Key::Down).await;
    assert_eq!(page.value("cookie-samesite").await, "strict");
    typist.tab_to(&named("cookie-set")).await;
    typist.press(Key::Enter).await;
    page.css("[data-testid=\"cookie-row\"][data-name=\"topping\"]").await;

    typist.tab_to(&named("session-key")).await;
    typist.write("note").await;
    typist.tab_to(&named("session-value")).await;
    typist.rewrite("\"by hand\"").await;
    typist.tab_to(&named("session-put")).await;
    typist.press(' ').await;
    page.css("[data-testid=\"session-row\"][data-key=\"note\"]").await;
    typist.tab_to(&named("session-destroy")).await;
    typist.press(Key::Enter).await;
    page.attribute("session-status", "data-state", "none").await;
}

async fn shop(typist: &Typist<'_>) {
    let page = typist.page;
    let row =
        |count: u32| format!("[data-testid=\"cart-row\"][data-good=\"plum jam\"][data-count=\"{count}\"]");
    typist.tab_to(&named("cart-more")).await;
    for (key, count) in [(Key::Enter.into(), 1), (' ', 2)] {
        typist.press(key).await;
        page.css(&row(count)).await;
    }
    typist.tab_back_to(&named("cart-less")).await;
    for count in [1, 0] {
        typist.press(Key::Enter).await;
        page.css(&row(count)).await;
    }
    assert_eq!(typist.focus().await, "cart-less", "there is nothing to take out any more");
    typist.tab_to(&named("second-tab")).await;
    typist.tab_to(&named("count-once")).await;
    typist.press(Key::Enter).await;
    page.attribute("count-verdict", "data-code", "1").await;
    typist.tab_to(&named("count-hundred")).await;
    typist.press(' ').await;
    page.attribute("count-verdict", "data-code", "ok").await;
    assert_eq!(page.text("count").await, "101");
    assert_eq!(typist.focus().await, "count-hundred");
}

async fn account(typist: &Typist<'_>, elsewhere: &Curl) {
    let page = typist.page;
    let alice = r#"{"username":"alice","password":"wonderland"}"#;
    assert_eq!(elsewhere.write("POST", "/api/login", alice).status, 204);
    typist.tab_to("[data-try=\"alice\"]").await;
    typist.press(Key::Enter).await;
    page.until("the account is not filled in", async || !page.value("login-password").await.is_empty()).await;
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_to(&named("login-password")).await;
    typist.press(Key::Enter).await;
    page.attribute("login-verdict", "data-code", "alice").await;
    let other = "[data-testid=\"device-row\"][data-current=\"false\"]";
    page.css(other).await;
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_to(&named("device-others")).await;
    typist.press(' ').await;
    page.gone(other).await;
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_to(&named("device-label")).await;
    typist.rewrite("The desk").await;
    typist.press(Key::Enter).await;
    page.until("the name was not taken", async || page.text("device-list").await.contains("The desk")).await;
    page.gone("[aria-busy=\"true\"]").await;

    // The button goes with its row, and the row was the last.
    typist.tab_back_to(&named("device-end")).await;
    typist.press(Key::Enter).await;
    page.gone(&named("device-row")).await;
    assert_eq!(typist.focus().await, "device-list");
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_back_to("[data-try=\"bob\"]").await;
    typist.press(' ').await;
    page.until("the account is not filled in", async || page.value("login-username").await == "bob").await;
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_to(&named("login")).await;
    typist.press(Key::Enter).await;
    page.attribute("login-verdict", "data-code", "bob").await;
    page.gone("[aria-busy=\"true\"]").await;
    typist.tab_to(&named("logout")).await;
    typist.press(Key::Enter).await;
    page.attribute("login-verdict", "data-code", "none").await;
    assert_eq!(typist.focus().await, "login-username", "there is nobody to log out any more");
}

async fn inspector(typist: &Typist<'_>) {
    let page = typist.page;
    typist.tab_to("[data-testid=\"inspector-try\"][data-try=\"prefix\"]").await;
    typist.press(Key::Enter).await;
    page.attribute("inspector-verdict", "data-code", "host_prefix").await;
    typist.tab_to(&named("inspector-line")).await;
    typist.rewrite("id=7").await;
    page.attribute("inspector-verdict", "data-code", "ok").await;
    typist.tab_to(&named("inspector-cross")).await;
    typist.press(' ').await;
    page.attribute("inspector-verdict", "data-code", "cross_site").await;
}

async fn wire(typist: &Typist<'_>) {
    let page = typist.page;
    typist.tab_to(&named("echo-run")).await;
    typist.press(Key::Enter).await;
    page.css("[data-testid=\"echo-cookies\"] [data-name=\"topping\"]").await;
    typist.tab_to(".echo-box").await;
    typist.tab_to(&named("log")).await;
    typist.press(Key::Down).await;
    page.until("the log does not scroll", async || {
        page.script("return document.activeElement.scrollTop > 0").await == json!(true)
    })
    .await;
    typist.tab_to("[data-testid=\"log-headers\"] summary").await;
    typist.press(Key::Enter).await;
    page.css("[data-testid=\"log-headers\"][open]").await;
    // The log keeps the last exchanges, and the one that is being read goes.
    page.script_async("for (let n = 0; n < 40; n++) await fetch('/api/echo');").await;
    page.gone("[data-testid=\"log-headers\"][open]").await;
    assert_eq!(typist.focus().await, "log");
    typist.tab_back_to(&named("echo-run")).await;
}

async fn the_keyboard_alone_is_enough(product: Product) {
    let server = Server::demo();
    let browser = Browser::start_as(product, Look::DESKTOP).await;
    let page = Page::open(&browser, &server).await;
    let typist = Typist { page: &page, browser: &browser };
    both_jars(&typist).await;
    shop(&typist).await;
    account(&typist, &Curl::new(&server)).await;
    inspector(&typist).await;
    wire(&typist).await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough_in_chromium() {
    the_keyboard_alone_is_enough(Product::Chromium).await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough_in_firefox() {
    the_keyboard_alone_is_enough(Product::Firefox).await;
}
