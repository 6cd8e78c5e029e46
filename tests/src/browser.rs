//! A real browser, through its WebDriver.

mod chromium;
mod extension;
mod firefox;

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use crate::group::Group;

/// How long a script may take on a machine that does much else.
const SCRIPT_TIME: Duration = Duration::from_secs(90);

/// The browsers that tests run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Chromium, through ChromeDriver.
    Chromium,
    /// Firefox, the extended support release on Debian, through geckodriver.
    Firefox,
}

impl Product {
    /// Every browser, for tests that must hold in each.
    pub const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];
}

/// The window that a page is shown in.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    width: u32,
    height: u32,
    phone: bool,
    dark: bool,
}

impl Look {
    /// A window of 1280 by 900 pixels.
    pub const DESKTOP: Self = Self { width: 1280, height: 900, phone: false, dark: false };
    /// A touch screen 360 pixels wide. Chromium alone can be one.
    pub const PHONE: Self = Self { width: 360, height: 780, phone: true, dark: false };

    /// The same window of a person who prefers dark pages.
    #[must_use]
    pub const fn dark(mut self) -> Self {
        self.dark = true;
        self
    }
}

/// A headless browser with a fresh profile, ended with all its processes when dropped.
///
/// A test that must hold in every browser starts each in turn; the page is driven the same way in all of them:
///
/// ```no_run
/// use twinjar_tests::{Browser, Look, Page, Product, Server};
///
/// # async fn a_test() {
/// for product in Product::ALL {
///     let server = Server::demo();
///     let browser = Browser::start_as(product, Look::DESKTOP).await;
///     let page = Page::open(&browser, &server).await;
///     page.click("cookie-set").await;
///     assert!(!page.document_cookie().await.is_empty(), "{product:?}");
/// }
/// # }
/// ```
pub struct Browser {
    product: Product,
    client: Client,
    _driver: Group,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium.
    pub async fn start(look: Look) -> Self {
        Self::start_as(Product::Chromium, look).await
    }

    /// Starts a browser through the driver that `CHROMEDRIVER` or `GECKODRIVER` names, or the one on the search path.
    /// `CHROMIUM` and `FIREFOX` name the browsers themselves.
    ///
    /// # Panics
    ///
    /// Where the browser or its driver cannot be started, and for [`Look::PHONE`] in Firefox, which cannot be one.
    pub async fn start_as(product: Product, look: Look) -> Self {
        let profile = TempDir::new().expect("a folder can be made");
        let (command, port, mut capabilities): (_, fn(&str) -> Option<u16>, _) = match product {
            Product::Chromium => {
                (chromium::driver(&profile), chromium::port, chromium::capabilities(look, &profile))
            }
            Product::Firefox => (firefox::driver(&profile), firefox::port, firefox::capabilities(look)),
        };
        capabilities.insert("timeouts".to_owned(), json!({ "script": SCRIPT_TIME.as_millis() as u64 }));
        let (driver, port) = Group::start(&command, port);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser can be started");
        if product == Product::Firefox {
            firefox::record(&client).await;
        }
        let browser = Self { product, client, _driver: driver, _profile: profile };
        browser.prefer(if look.dark { "dark" } else { "light" }).await;
        browser
    }

    /// Which browser this is.
    #[must_use]
    pub const fn product(&self) -> Product {
        self.product
    }

    /// The WebDriver session.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Says which colour scheme the person prefers: `light` or `dark`.
    pub async fn prefer(&self, scheme: &str) {
        match self.product {
            Product::Chromium => chromium::prefer(&self.client, scheme).await,
            Product::Firefox => firefox::prefer(&self.client, scheme).await,
        }
    }

    /// The URL of every request since the last call, by the browser's own log: refused ones too.
    pub async fn requests(&self) -> Vec<String> {
        match self.product {
            Product::Chromium => chromium::requests(&self.client).await,
            Product::Firefox => firefox::requests(&self.client).await,
        }
    }

    /// What the page's console shows since the last call: errors that nobody caught and what a policy refused; in
    /// Chromium also what scripts wrote, and answers of 4xx and 5xx.
    pub async fn console(&self) -> Vec<String> {
        match self.product {
            Product::Chromium => chromium::console(&self.client).await,
            Product::Firefox => firefox::console(&self.client).await,
        }
    }
}

/// The program that an environment variable names, or the one on the search path.
fn program(variable: &str, otherwise: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| otherwise.into(), PathBuf::from)
}
