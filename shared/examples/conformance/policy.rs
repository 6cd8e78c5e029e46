//! The kinds about what a user agent stores and sends.

use serde_json::{Value, json};
use twinjar_shared::policy::{self, Context, Jar, Limits, RequestUrl, RuleSet};

use crate::request::{Request, integer};

const PUBLIC_SUFFIXES: [&str; 5] = ["org", "com", "net", "uk", "co.uk"];

pub(crate) fn domain_match(request: &Request<'_>) -> Result<Value, &'static str> {
    Ok(policy::domain_match(&request.text("host")?, &request.text("domain")?).into())
}

pub(crate) fn path_match(request: &Request<'_>) -> Result<Value, &'static str> {
    Ok(policy::path_match(request.text("request")?.as_bytes(), request.text("cookie")?.as_bytes()).into())
}

pub(crate) fn default_path(request: &Request<'_>) -> Result<Value, &'static str> {
    let path = request.text_input()?;
    Ok(String::from_utf8_lossy(policy::default_path(path.as_bytes())).into())
}

/// Stores what `set_url` sends, all at the time `now`, and lists what a request to `get_url` carries then.
pub(crate) fn jar(request: &Request<'_>) -> Result<Value, &'static str> {
    let now = request.field("now")?.as_ref().and_then(integer).ok_or("now is not a whole number")?;
    let suffixes = match request.raw("public_suffixes") {
        Some(_) => request.texts("public_suffixes")?,
        None => PUBLIC_SUFFIXES.map(str::to_owned).into(),
    };
    let is_public_suffix = |domain: &str| suffixes.iter().any(|suffix| suffix.eq_ignore_ascii_case(domain));
    let (set_url, get_url) = (request.text("set_url")?, request.text("get_url")?);
    let (Some(set_url), Some(get_url)) = (canonical(&set_url), canonical(&get_url)) else {
        // Without a host, a user agent neither stores nor sends a cookie (RFC 6265bis sections 5.7 and 5.8.3).
        return Ok(json!([]));
    };
    let (Ok(set_url), Ok(get_url)) = (RequestUrl::parse(&set_url), RequestUrl::parse(&get_url)) else {
        return Ok(json!([]));
    };
    let context = |url| Context::http(url).rules(RuleSet::Rfc6265bis).public_suffixes(&is_public_suffix);
    let mut jar = Jar::with_limits(Limits::NONE);
    for line in request.texts("received")? {
        jar.receive(line.as_bytes(), &context(&set_url), now);
    }
    let cookies = jar.cookies_for(&context(&get_url), now);
    Ok(cookies
        .iter()
        .map(|cookie| json!({ "name": text(&cookie.name), "value": text(&cookie.value) }))
        .collect())
}

/// A URL as a user agent has it: the host in A-labels, the path without dot segments.
fn canonical(url: &str) -> Option<String> {
    url::Url::parse(url).ok().map(Into::into)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
