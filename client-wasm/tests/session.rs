//! Session values across the border to JavaScript, in a real page.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use serde::{Deserialize, Serialize};
use twinjar_client::session::{SessionKey, View, from_js, to_js};
use twinjar_shared::contract::{DecodeError, EncodeError};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cart {
    items: Vec<Item>,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Item {
    Jar { weight: f64 },
    Gift,
}

const CART: SessionKey<Cart> = SessionKey::new("cart").max_bytes(200);
const COUNT: SessionKey<u8> = SessionKey::new("count");
const LARGE: SessionKey<u64> = SessionKey::new("large");

fn cart() -> Cart {
    Cart { items: vec![Item::Jar { weight: 0.1 + 0.2 }, Item::Gift], note: None }
}

fn eval(code: &str) -> JsValue {
    js_sys::eval(&format!("({code})")).unwrap()
}

fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).unwrap().into()
}

const VIEW: &str = r#"{
    active: true, handle: "h", revision: 7, createdAt: 1767225600000, lastSeenAt: 1767225600001, idleExpiresAt: null,
    absoluteExpiresAt: 1767225700000, serverTime: 1767225600002, user: "alice",
    data: { count: 7, cart: { items: [{ kind: "jar", weight: 0.5 }], note: null }, toString: "text" },
}"#;

#[wasm_bindgen_test]
fn values_are_plain_in_javascript() {
    let value = to_js(&CART, &cart()).unwrap();
    assert_eq!(json(&value), CART.to_json(&cart()).unwrap());
    assert_eq!(from_js(&CART, &value), Ok(cart()));
    assert_eq!(from_js(&CART, &eval("{ items: [{ kind: 'gift' }], more: 1 }")).unwrap().items, [Item::Gift]);
}

#[wasm_bindgen_test]
fn other_types_are_refused() {
    assert_eq!(from_js(&COUNT, &eval("7")), Ok(7));
    for code in ["256", "-1", "1.5", "'7'", "null", "undefined", "{}", "() => 7", "NaN"] {
        assert_eq!(from_js(&COUNT, &eval(code)), Err(DecodeError::WrongType), "{code}");
    }
    for code in ["{}", "[]", "{ items: [{ kind: 'jam' }] }", "{ items: 'x' }"] {
        assert_eq!(from_js(&CART, &eval(code)), Err(DecodeError::WrongType), "{code}");
    }
}

#[wasm_bindgen_test]
fn what_does_not_fit_is_refused() {
    let long = Cart { note: Some("x".repeat(200)), ..cart() };
    assert_eq!(to_js(&CART, &long), Err(EncodeError::TooLarge));
    let exact = (1 << 53) - 1;
    assert_eq!(from_js(&LARGE, &to_js(&LARGE, &exact).unwrap()), Ok(exact));
    assert_eq!(to_js(&LARGE, &u64::MAX), Err(EncodeError::Unrepresentable));
}

#[wasm_bindgen_test]
fn a_view_has_values_of_their_types() {
    let view = View::from_js(&eval(VIEW)).unwrap();
    assert_eq!(view.server_time(), 1_767_225_600_002);
    let session = view.session().unwrap();
    assert_eq!((session.handle.as_str(), session.revision, session.idle_expires_at), ("h", 7, None));
    assert_eq!((session.user.as_deref(), session.created_at), (Some("alice"), 1_767_225_600_000));

    assert_eq!(view.get(&COUNT), Ok(Some(7)));
    assert_eq!(view.get(&CART).unwrap().unwrap().items, [Item::Jar { weight: 0.5 }]);
    assert_eq!(view.get(&LARGE), Ok(None));
    assert_eq!(view.get(&SessionKey::<u8>::new("toString")), Err(DecodeError::WrongType));
    assert_eq!(View::from_js(&view.to_js().unwrap()), Ok(view));
}

#[wasm_bindgen_test]
fn without_a_session_there_are_no_values() {
    let view = View::from_js(&eval("{ active: false, serverTime: 5, data: {} }")).unwrap();
    assert_eq!((view.session(), view.get(&COUNT)), (None, Ok(None)));
    for code in ["{}", "null", "7", "{ active: 'yes', serverTime: 5 }"] {
        assert_eq!(View::from_js(&eval(code)), Err(DecodeError::WrongType), "{code}");
    }
}
