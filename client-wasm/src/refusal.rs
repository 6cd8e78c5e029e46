//! Why a browser dropped a write that its rules allow, as far as a page can find out.

use twinjar_shared::cookie::CookieHeader;
use twinjar_shared::policy::Refusal;

use crate::document::Page;
use crate::error::{AccessError, WriteError};

/// From so many cookies in sight on, a page writes none to try: browsers keep 180 of a site, and count what does not
/// show. One too many makes them drop thirty.
const MANY: usize = 150;

/// The reason for a `line` that the page wrote and does not see. `is_secure` says whether the page may set and see
/// `Secure` cookies.
pub(crate) fn reason(page: &Page, line: &str, is_secure: bool) -> WriteError {
    find(page, line, is_secure).unwrap_or_else(WriteError::from)
}

fn find(page: &Page, line: &str, is_secure: bool) -> Result<WriteError, AccessError> {
    if page.blocks_cookies() {
        return Err(AccessError::Disabled);
    }
    if CookieHeader::new(page.cookies()?.as_bytes()).pairs().count() >= MANY {
        return Ok(WriteError::Dropped);
    }
    let attributes = line.split("; ").skip(1).collect::<Vec<_>>();
    if takes(page, &attributes)? {
        // It is the name, then. On plain http a page sees neither HttpOnly cookies nor Secure ones, which it must not
        // cover.
        return Ok(if is_secure { Refusal::HttpOnlyOverwrite.into() } else { WriteError::Dropped });
    }
    let host_only =
        attributes.iter().copied().filter(|attribute| !attribute.starts_with("Domain=")).collect::<Vec<_>>();
    if takes(page, &host_only)? {
        return Ok(Refusal::DomainPublicSuffix.into());
    }
    if page.is_foreign_frame() && !attributes.contains(&"SameSite=None") {
        return Ok(Refusal::CrossSite.into());
    }
    Ok(WriteError::Dropped)
}

/// Whether the browser takes a cookie of these attributes under a name that nobody has. It is removed at once.
fn takes(page: &Page, attributes: &[&str]) -> Result<bool, AccessError> {
    let name = format!("probe{}", js_sys::Math::random());
    let line = format!("{name}=; {}", attributes.join("; "));
    page.write(&line)?;
    let header = page.cookies()?;
    page.write(&format!("{line}; Max-Age=0"))?;
    Ok(CookieHeader::new(header.as_bytes()).get(&name).is_some())
}
