//! Cookies as Express' `res.cookie` sets them and cookie-parser shows them.

use axum::Json;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use twinjar_server::{CookieError, Cookies};
use twinjar_shared::cookie::{CookieName, CookieValue, Path, SetCookie};

/// What `POST /cookies` sets.
#[derive(Deserialize)]
pub(crate) struct ToSet {
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    value: Value,
    #[serde(default)]
    signed: bool,
}

pub(crate) async fn set(cookies: Cookies, Json(to_set): Json<ToSet>) -> Result<Json<Value>, CookieError> {
    for Entry { name, value, signed } in &to_set.list {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Object(_) | Value::Array(_) | Value::Null => format!("j:{value}"),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
        };
        // A name that is no token is skipped: what cannot be sent is not set.
        let Ok(name) = CookieName::new(name) else { continue };
        let cookie = SetCookie::new(name, CookieValue::encode(&text)).http_only(true).path(Path::ROOT);
        let jar = if *signed { cookies.signed() } else { cookies.clone() };
        jar.set(&cookie)?;
    }
    Ok(Json(json!({ "ok": true })))
}

pub(crate) async fn show(cookies: Cookies) -> Json<Value> {
    let (mut plain, mut signed) = (Map::new(), Map::new());
    for name in cookies.names() {
        if plain.contains_key(&name) || signed.contains_key(&name) {
            continue;
        }
        let text = cookies.get(&name).unwrap_or_default();
        if text.starts_with("s:") {
            let value = cookies.signed().get(&name).map_or(Value::Bool(false), parse_json);
            signed.insert(name, value);
        } else {
            plain.insert(name, parse_json(text));
        }
    }
    Json(json!({ "cookies": plain, "signed": signed }))
}

/// `j:` marks JSON; only what JavaScript holds to be true replaces the text.
fn parse_json(text: String) -> Value {
    let parsed = text.strip_prefix("j:").and_then(|json| serde_json::from_str(json).ok());
    let truthy = parsed.filter(|value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Bool(true) | Value::Array(_) | Value::Object(_) => true,
    });
    truthy.unwrap_or(Value::String(text))
}
