//! The demo page, by the `data-testid` names that `www/README.md` lists.

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::Value;

use crate::{Browser, Server};

/// A busy machine with two cores is given time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What each part of the page last said, and which are at work: a log that is cut short keeps its beginning.
const VERDICTS: &str = r#"
    return [...document.querySelectorAll("[data-code], [aria-busy=true]")]
        .map(e => `${e.dataset.testid ?? e.id}: ${e.ariaBusy === "true" ? "(busy) " : ""}${e.dataset.code ?? ""}: ${e.dataset.code ? e.textContent : ""}`)
        .join("\n")"#;

/// The demo page in a browser.
pub struct Page<'a> {
    browser: &'a Browser,
    client: &'a Client,
}

impl<'a> Page<'a> {
    /// Opens the page and waits until both jars are shown.
    pub async fn open(browser: &'a Browser, server: &Server) -> Self {
        Self::open_at(browser, server, "/").await
    }

    /// The same where the page is not at `/`.
    pub async fn open_at(browser: &'a Browser, server: &Server, path: &str) -> Self {
        let page = Self { browser, client: browser.client() };
        page.client.goto(&server.url(path)).await.expect("the page can be opened");
        page.ready().await;
        page
    }

    /// Opens the page and waits for its text and style alone: scripts may still be on their way.
    pub async fn begin(browser: &'a Browser, url: &str) -> Self {
        let page = Self { browser, client: browser.client() };
        page.client.goto("about:blank").await.expect("an empty page");
        // A driver would wait for all else, too.
        page.script(&format!("location.assign('{url}')")).await;
        let is_there = "
            const styles = [...document.querySelectorAll('link[rel=stylesheet]')];
            return document.readyState !== 'loading' && styles.length > 0 && styles.every(link => link.sheet);";
        page.until("the page does not come", async || page.script(is_there).await == true).await;
        page
    }

    /// Waits until both jars are shown.
    pub async fn ready(&self) {
        self.css("html[data-ready=\"true\"]").await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page can be loaded again");
        self.ready().await;
    }

    /// Chooses the page's language, and waits for the page in it.
    pub async fn choose_language(&self, tag: &str) {
        self.click(&format!("language-{tag}")).await;
        self.css(&format!("html[lang=\"{tag}\"][data-ready=\"true\"]")).await;
    }

    /// Logs in with one of the demo's accounts, as the page lists them.
    pub async fn log_in(&self, name: &str) {
        self.click_on(&format!("[data-testid=\"login-try\"][data-try=\"{name}\"]")).await;
        self.until("the account is not filled in", async || !self.value("login-password").await.is_empty())
            .await;
        self.click("login").await;
        self.attribute("login-verdict", "data-code", name).await;
    }

    /// Waits for an element that matches a CSS selector.
    pub async fn css(&self, selector: &str) -> Element {
        let waiting = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(25));
        match waiting.for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => panic!("no {selector}: {error}\n{}", self.shown().await),
        }
    }

    /// Waits for the element of a test name.
    pub async fn element(&self, name: &str) -> Element {
        self.css(&named(name)).await
    }

    /// Whether an element matches a CSS selector right now.
    pub async fn has(&self, selector: &str) -> bool {
        !self.client.find_all(Locator::Css(selector)).await.expect("the page can be searched").is_empty()
    }

    /// Waits until nothing matches a CSS selector.
    pub async fn gone(&self, selector: &str) {
        let matches = async || self.has(selector).await;
        self.until(&format!("{selector} is still there"), async || !matches().await).await;
    }

    /// Waits until an attribute of an element has a value.
    pub async fn attribute(&self, name: &str, attribute: &str, value: &str) {
        self.css(&format!("{}[{attribute}=\"{value}\"]", named(name))).await;
    }

    /// The text that a person sees in an element.
    pub async fn text(&self, name: &str) -> String {
        self.element(name).await.text().await.expect("an element has text")
    }

    /// What a field holds.
    pub async fn value(&self, name: &str) -> String {
        self.element(name).await.prop("value").await.expect("a field can be read").unwrap_or_default()
    }

    /// Replaces what a field holds, key by key.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.element(name).await;
        field.clear().await.expect("a field can be cleared");
        field.send_keys(text).await.expect("a field can be typed into");
    }

    /// Clicks an element.
    pub async fn click(&self, name: &str) {
        self.click_on(&named(name)).await;
    }

    /// Clicks the first element that matches a CSS selector, once no part of the page is at work: forms drop what comes
    /// before.
    pub async fn click_on(&self, selector: &str) {
        self.gone("[aria-busy=\"true\"]").await;
        let clicked = self.css(selector).await.click().await;
        clicked.unwrap_or_else(|error| panic!("{selector} cannot be clicked: {error}"));
    }

    /// Waits until a condition holds.
    pub async fn until(&self, otherwise: &str, mut condition: impl AsyncFnMut() -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !condition().await {
            if tokio::time::Instant::now() > deadline {
                panic!("{otherwise}\n{}", self.shown().await);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Runs a script in the page; the value of its `return` is the answer.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs the body of an async function in the page.
    pub async fn script_async(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, error => done(String(error)));"
        );
        let outcome: Result<Value, CmdError> = self.client.execute_async(&script, Vec::new()).await;
        outcome.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// `document.cookie`, as any script of the page sees it.
    pub async fn document_cookie(&self) -> String {
        let text = self.script("return document.cookie").await;
        text.as_str().expect("document.cookie is text").to_owned()
    }

    /// What a person would look at when the page does not do what it should.
    async fn shown(&self) -> String {
        let verdicts = self.script(VERDICTS).await;
        let text = self.script("return document.body.innerText").await;
        let console = self.browser.console().await;
        let texts = [&verdicts, &text].map(|text| text.as_str().unwrap_or_default());
        format!("console: {console:#?}\nverdicts:\n{}\npage:\n{}", texts[0], texts[1])
    }
}

/// The CSS selector of a test name.
fn named(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}
