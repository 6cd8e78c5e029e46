//! The page's document: the only file of this crate that touches `document.cookie`.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, PerformanceEntry, Window};

use crate::error::AccessError;

/// A page that may have cookies.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    window: Window,
    document: HtmlDocument,
    url: String,
}

impl Page {
    /// The page that this code runs in.
    pub(crate) fn current() -> Result<Self, AccessError> {
        let window = web_sys::window().ok_or(AccessError::NoDocument)?;
        let document = window.document().ok_or(AccessError::NoDocument)?;
        let document = document.dyn_into().map_err(|_| AccessError::NoDocument)?;
        let href = window.location().href().map_err(|_| AccessError::Denied)?;
        let url = address(&window.origin(), href, loaded_from(&window)).ok_or(AccessError::Denied)?;
        Ok(Self { window, document, url })
    }

    /// The address by which browsers decide about the page's cookies.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The cookies that show on the page, as a `Cookie` header has them.
    pub(crate) fn cookies(&self) -> Result<String, AccessError> {
        self.document.cookie().map_err(|_| AccessError::Denied)
    }

    /// Writes one cookie; the browser says nothing of what becomes of it.
    pub(crate) fn write(&self, set_cookie: &str) -> Result<(), AccessError> {
        self.document.set_cookie(set_cookie).map_err(|_| AccessError::Denied)
    }

    /// Whether the browser says that it blocks cookies.
    pub(crate) fn blocks_cookies(&self) -> bool {
        let enabled = Reflect::get(&self.window.navigator(), &"cookieEnabled".into());
        enabled.is_ok_and(|enabled| enabled.is_falsy())
    }

    /// Whether this is a frame in a page of another origin.
    pub(crate) fn is_foreign_frame(&self) -> bool {
        let top = self.window.top().ok().flatten();
        // Of a page of another origin nothing can be read.
        top.and_then(|top| top.location().origin().ok()).is_none_or(|origin| origin != self.window.origin())
    }
}

/// The page's address for cookies: `None` where it has none. `about:srcdoc` and `about:blank` have the cookies of the
/// page that made them, whose origin they share. Elsewhere it is what the page was loaded from: `history.pushState`
/// brings no cookies into sight.
fn address(origin: &str, href: String, loaded: Option<String>) -> Option<String> {
    if origin == "null" {
        return None;
    }
    if !href.starts_with("http") {
        return Some(origin.to_owned());
    }
    Some(loaded.filter(|url| url.starts_with("http")).unwrap_or(href))
}

fn loaded_from(window: &Window) -> Option<String> {
    let entry = window.performance()?.get_entries_by_type("navigation").get(0);
    entry.dyn_ref::<PerformanceEntry>().map(PerformanceEntry::name)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_address_is_the_one_that_decides_about_cookies() {
        let of = |origin: &str, href: &str, loaded: Option<&str>| {
            address(origin, href.to_owned(), loaded.map(str::to_owned))
        };
        let shop = "https://shop.example";
        let expect = |url: &str| Some(url.to_owned());
        assert_eq!(of(shop, "https://shop.example/a", None), expect("https://shop.example/a"));
        let pushed = of(shop, "https://shop.example/pushed", Some("https://shop.example/loaded"));
        assert_eq!(pushed, expect("https://shop.example/loaded"));
        // What older browsers call the entry.
        assert_eq!(of(shop, "https://shop.example/a", Some("document")), expect("https://shop.example/a"));
        for frame in ["about:srcdoc", "about:blank"] {
            assert_eq!(of(shop, frame, Some(frame)), expect(shop));
            assert_eq!(of("null", frame, Some(frame)), None);
        }
        assert_eq!(of("null", "https://shop.example/sandboxed", None), None);
        assert_eq!(of("null", "data:text/html,", None), None);
    }
}
