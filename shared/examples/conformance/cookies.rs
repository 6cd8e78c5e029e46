//! The kinds about `Set-Cookie`, `Cookie` and dates.

use serde_json::{Value, json};
use twinjar_shared::cookie::{
    CookieHeader, CookieName, CookieValue, Domain, Path, Priority, RawValue, ReceivedCookie, SameSite,
    SetCookie, date,
};

use crate::request::{Request, integer};

pub(crate) fn parse_set_cookie(request: &Request<'_>) -> Result<Value, &'static str> {
    let input = request.text_input()?;
    let Ok(cookie) = ReceivedCookie::parse(input.as_bytes()) else { return Ok(Value::Null) };
    Ok(json!({
        "name": text(cookie.name),
        "value": text(cookie.value),
        "domain": cookie.domain.as_deref().map(|domain| text(RawValue::new(domain))),
        "path": cookie.path.map(text),
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": cookie.same_site.map_or("Default", SameSite::as_str),
        "max_age": cookie.max_age,
        "expires": cookie.expires,
    }))
}

pub(crate) fn parse_date(request: &Request<'_>) -> Result<Value, &'static str> {
    Ok(date::parse(request.text_input()?.as_bytes()).into())
}

pub(crate) fn format_date(request: &Request<'_>) -> Result<Value, &'static str> {
    Ok(date::format(request.integer_input()?).map(|date| date.to_string()).into())
}

pub(crate) fn parse_header(request: &Request<'_>) -> Result<Value, &'static str> {
    let input = request.text_input()?;
    Ok(CookieHeader::new(input.as_bytes())
        .pairs()
        .map(|pair| json!([text(pair.name), text(pair.value)]))
        .collect())
}

pub(crate) fn serialize(request: &Request<'_>) -> Result<Value, &'static str> {
    let name = request.optional_text("name")?.unwrap_or_default();
    let value = request.optional_text("value")?.unwrap_or_default();
    let path = request.optional_text("path")?;
    let domain = request.optional_text("domain")?;
    let (Ok(name), Ok(value)) = (CookieName::new(&name), CookieValue::new(&value)) else {
        return Ok(Value::Null);
    };
    let mut cookie = SetCookie::new(name, value)
        .secure(request.flag("secure")?)
        .http_only(request.flag("http_only")?)
        .partitioned(request.flag("partitioned")?);
    if let Some(path) = &path {
        // The grammar allows relative paths, which a user agent would replace.
        let Ok(path) = Path::verbatim(path) else { return Ok(Value::Null) };
        cookie = cookie.path(path);
    }
    if let Some(domain) = &domain {
        let Ok(domain) = Domain::new(domain) else { return Ok(Value::Null) };
        cookie = cookie.domain(domain);
    }
    if let Some(max_age) = request.field("max_age")? {
        let Some(seconds) = integer(&max_age) else { return Ok(Value::Null) };
        cookie = cookie.max_age(seconds);
    }
    if let Some(expires) = request.field("expires")? {
        let Some(seconds) = integer(&expires) else { return Ok(Value::Null) };
        cookie = cookie.expires(seconds);
    }
    match request.optional_text("same_site")?.as_deref() {
        None | Some("Default") => {}
        Some(keyword) => match SameSite::parse(keyword.as_bytes()) {
            Some(same_site) => cookie = cookie.same_site(same_site),
            None => return Ok(Value::Null),
        },
    }
    if let Some(keyword) = request.optional_text("priority")? {
        let Some(priority) = Priority::parse(keyword.as_bytes()) else { return Ok(Value::Null) };
        cookie = cookie.priority(priority);
    }
    Ok(cookie.build_by_grammar().ok().into())
}

/// Parts of a text that were cut at ASCII characters are texts again.
fn text(raw: RawValue<'_>) -> String {
    String::from_utf8_lossy(raw.as_bytes()).into_owned()
}
