//! The page's document: the only file of this crate that touches `document.cookie`.

use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use crate::error::AccessError;

/// A page that may have cookies.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    document: HtmlDocument,
    url: String,
}

impl Page {
    /// The page that this code runs in.
    pub(crate) fn current() -> Result<Self, AccessError> {
        let window = web_sys::window().ok_or(AccessError::NoDocument)?;
        let document = window.document().ok_or(AccessError::NoDocument)?;
        let document = document.dyn_into().map_err(|_| AccessError::NoDocument)?;
        let url = window.location().href().map_err(|_| AccessError::Denied)?;
        Ok(Self { document, url })
    }

    /// The address that the page had when it was asked for.
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
}
