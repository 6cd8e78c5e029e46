//! The jar: typed cookies of the page.

use twinjar_shared::contract::CookieKey;
use twinjar_shared::cookie::{CookieHeader, SetCookie};
use twinjar_shared::policy::{Context, Note, RequestUrl, Verdict, judge};

use crate::document::Page;
use crate::error::{AccessError, ReadError, WriteError};
use crate::refusal;
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
    /// The rules allow it, but this page cannot see whether it was stored: its path hides it, or the same name and
    /// value showed before, which may be another path's.
    Unverifiable,
}

/// A write that was just made.
struct Written {
    line: String,
    /// Whether the page may set and see `Secure` cookies.
    is_secure: bool,
    /// Whether the page sees such a cookie.
    is_visible: bool,
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

    /// Writes a cookie, judged by the browsers' rules before and read back after. A key's lifetime is never over, so that
    /// what ends a cookie is [`remove`](Self::remove) alone.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the cookie is then as it was.
    pub fn set<T>(&self, key: &CookieKey<T>, value: &T) -> Result<Outcome, WriteError> {
        let raw = key.encode(value)?;
        let name = key.name().as_str();
        let count = |header: &str| {
            CookieHeader::new(header.as_bytes()).get_all(name).filter(|found| *found == raw.as_str()).count()
        };
        let before = count(&self.page.cookies()?);
        let Written { line, is_secure, is_visible } = self.write(&key.set_cookie(value)?)?;
        if !is_visible {
            return Ok(Outcome::Unverifiable);
        }
        // Only a change proves the write.
        match count(&self.page.cookies()?) {
            0 => Err(refusal::reason(&self.page, &line, is_secure)),
            now if now > before => Ok(Outcome::Stored),
            _ => Ok(Outcome::Unverifiable),
        }
    }

    /// Removes a cookie. True if none of its name shows on this page any more; false means that one is left, at another
    /// path or domain, or that the key's path is one whose cookies this page does not see.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the cookie is then as it was.
    pub fn remove<T>(&self, key: &CookieKey<T>) -> Result<bool, WriteError> {
        let Written { is_visible, .. } = self.write(&key.removal())?;
        let header = self.page.cookies()?;
        Ok(is_visible && CookieHeader::new(header.as_bytes()).get(key.name().as_str()).is_none())
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

    fn write(&self, cookie: &SetCookie<'_>) -> Result<Written, WriteError> {
        let line = cookie.build()?;
        let url = RequestUrl::parse(self.page.url()).map_err(|_| AccessError::Denied)?;
        let context = Context::script(&url);
        let now = (js_sys::Date::now() / 1000.0) as i64;
        let notes = match judge(line.as_bytes(), &context, &[], now) {
            Verdict::Refused(refusal) => return Err(refusal.into()),
            Verdict::Stored { notes, .. } | Verdict::Removed { notes, .. } => notes,
        };
        self.page.write(&line)?;
        let is_visible = !notes.contains(Note::PathElsewhere);
        Ok(Written { is_secure: context.is_secure(), line, is_visible })
    }
}
