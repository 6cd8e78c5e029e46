//! Cookies as Express' `res.cookie` sets them and cookie-parser shows them.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use twinjar_server::express::{CookieOptions, ExpressValue};
use twinjar_server::{CookieError, Cookies};
use twinjar_shared::session::ProblemCode;

use super::body::{Body, refused};

/// What `POST /cookies` sets.
#[derive(Deserialize)]
pub(crate) struct ToSet {
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    value: Box<RawValue>,
    #[serde(default)]
    signed: bool,
}

pub(crate) async fn set(cookies: Cookies, Body(to_set): Body<ToSet>) -> Response {
    match set_all(&cookies, &to_set.list) {
        Ok(()) => Json(json!({ "ok": true })).into_response(),
        Err(error) => refused(ProblemCode::ValueRejected, &error.to_string()),
    }
}

fn set_all(cookies: &Cookies, list: &[Entry]) -> Result<(), CookieError> {
    let express = cookies.express();
    for Entry { name, value, signed } in list {
        let options = CookieOptions::new().http_only(true);
        let options = if *signed { options.signed() } else { options };
        express.set(name, value, &options)?;
    }
    Ok(())
}

/// What `GET /cookies` shows.
#[derive(Serialize)]
struct Shown {
    cookies: BTreeMap<String, ExpressValue>,
    signed: BTreeMap<String, SignedValue>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SignedValue {
    Genuine(ExpressValue),
    /// `false`
    Changed(bool),
}

pub(crate) async fn show(cookies: Cookies) -> Response {
    let express = cookies.express();
    let signed = express.all_signed().into_iter();
    let signed =
        signed.map(|(name, value)| (name, value.map_or(SignedValue::Changed(false), SignedValue::Genuine)));
    Json(Shown { cookies: express.all().into_iter().collect(), signed: signed.collect() }).into_response()
}
