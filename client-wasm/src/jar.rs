//! The jar: typed cookies of the page.

use twinjar_shared::contract::CookieKey;
use twinjar_shared::cookie::{CookieHeader, SetCookie};
use twinjar_shared::policy::{Context, Note, Refusal, RequestUrl, Verdict, judge};

use crate::document::Page;
use crate::error::{AccessError, ReadError, WriteError};
use crate::watch::{self, Subscription};

/// The page's cookies that scripts may see.
///
/// It holds nothing but the document: values are read anew each time, since servers and other tabs write too.
#[derive(Clone, Debug)]
pub struct Cookies {
    page: Page,
}

/// What became of a write that the browser did not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was read back.
    Stored,
    /// The rules allow it, but its path hides it from this page.
    Unverifiable,
}

impl Cookies {
    /// The cookies of the page that this code runs in.
    ///
    /// # Errors
    ///
    /// [`AccessError`] where there is no page, or one without cookies.
    pub fn of_page() -> Result<Self, AccessError> {
        let page = Page::current()?;
        page.cookies()?;
        Ok(Self { page })
    }

    /// The value of a cookie, if there is one. Of several with one name the browser's first counts.
    ///
    /// # Errors
    ///
    /// [`ReadError::Decode`] if the value is not of the key's type, [`ReadError::Access`] where cookies are denied.
    pub fn get<T>(&self, key: &CookieKey<T>) -> Result<Option<T>, ReadError> {
        let header = self.page.cookies()?;
        Ok(key.get(CookieHeader::new(header.as_bytes()))?)
    }

    /// Writes a cookie, judged by the browsers' rules before and read back after.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the cookie is then as it was.
    pub fn set<T>(&self, key: &CookieKey<T>, value: &T) -> Result<Outcome, WriteError> {
        let raw = key.encode(value)?;
        let name = key.name().as_str();
        self.write(&key.set_cookie(value)?, |header| header.get_all(name).any(|found| found == raw.as_str()))
    }

    /// Removes a cookie. True if none of its name shows on this page any more.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the cookie is then as it was.
    pub fn remove<T>(&self, key: &CookieKey<T>) -> Result<bool, WriteError> {
        self.write(&key.removal(), |_| true)?;
        let header = self.page.cookies()?;
        Ok(CookieHeader::new(header.as_bytes()).get(key.name().as_str()).is_none())
    }

    /// Calls `listener` with the cookie's value whenever it changes, whoever changed it: this page, another tab or the
    /// server. `None` is a cookie that is gone, or one whose value is not of the key's type.
    ///
    /// # Errors
    ///
    /// [`AccessError`] where cookies are denied.
    pub fn subscribe<T: 'static>(
        &self,
        key: &CookieKey<T>,
        mut listener: impl FnMut(Option<T>) + 'static,
    ) -> Result<Subscription, AccessError> {
        let (key, page) = (*key, self.page.clone());
        let raw = move |header: &str| {
            let value = CookieHeader::new(header.as_bytes()).get(key.name().as_str())?;
            Some(value.as_bytes().to_vec())
        };
        let mut seen = raw(&page.cookies()?);
        Ok(watch::subscribe(page, move |header| {
            let now = raw(header);
            if now != seen {
                seen = now;
                listener(key.get(CookieHeader::new(header.as_bytes())).unwrap_or_default());
            }
        }))
    }

    fn write(
        &self,
        cookie: &SetCookie<'_>,
        is_stored: impl Fn(CookieHeader<'_>) -> bool,
    ) -> Result<Outcome, WriteError> {
        let line = cookie.build()?;
        let url = RequestUrl::parse(self.page.url()).map_err(|_| AccessError::Denied)?;
        let context = Context::script(&url);
        let now = (js_sys::Date::now() / 1000.0) as i64;
        let notes = match judge(line.as_bytes(), &context, &[], now) {
            Verdict::Refused(refusal) => return Err(refusal.into()),
            Verdict::Stored { notes, .. } | Verdict::Removed { notes, .. } => notes,
        };
        self.page.write(&line)?;
        if notes.contains(Note::PathElsewhere) {
            return Ok(Outcome::Unverifiable);
        }
        let header = self.page.cookies()?;
        if is_stored(CookieHeader::new(header.as_bytes())) {
            return Ok(Outcome::Stored);
        }
        Err(self.refusal(&line, &context))
    }

    /// Why a browser dropped a write that its rules allow: what a page can still tell.
    fn refusal(&self, line: &str, context: &Context<'_>) -> WriteError {
        if self.page.blocks_cookies() {
            return AccessError::Disabled.into();
        }
        if line.contains("; Domain=") {
            Refusal::DomainPublicSuffix
        } else if self.page.is_foreign_frame() && !line.contains("; SameSite=None") {
            Refusal::CrossSite
        } else if context.is_secure() {
            Refusal::HttpOnlyOverwrite
        } else {
            Refusal::SecureOverlay
        }
        .into()
    }
}
