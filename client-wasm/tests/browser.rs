//! The Rust API in a real page. All tests share one jar, so each has cookies of its own.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use twinjar_client::{AccessError, CookieKey, Cookies, Outcome, ReadError, Subscription, WriteError};
use twinjar_shared::contract::{DecodeError, EncodeError};
use twinjar_shared::policy::Refusal;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlDocument;

wasm_bindgen_test_configure!(run_in_browser);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cart {
    items: Vec<String>,
}

fn cookies() -> Cookies {
    Cookies::of_page().unwrap()
}

fn document() -> HtmlDocument {
    web_sys::window().unwrap().document().unwrap().dyn_into().unwrap()
}

/// Writes past the API, as another script would.
fn write(line: &str) {
    document().set_cookie(line).unwrap();
}

async fn pause(milliseconds: i32) {
    let done = js_sys::Promise::new(&mut |resolve, _| {
        let window = web_sys::window().unwrap();
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds).unwrap();
    });
    JsFuture::from(done).await.unwrap();
}

#[wasm_bindgen_test]
fn values_of_every_codec_survive() {
    const TEXT: CookieKey<String> = CookieKey::string("survive-text");
    const NUMBER: CookieKey<i64> = CookieKey::integer("survive-number");
    const FLAG: CookieKey<bool> = CookieKey::boolean("survive-flag");
    const CART: CookieKey<Cart> = CookieKey::json("survive-cart");
    let cookies = cookies();
    for text in ["", "dark", "a;b=c, \"d\"", "100%", "Köln 🍪\n"] {
        assert_eq!(cookies.set(&TEXT, &text.to_owned()), Ok(Outcome::Stored));
        assert_eq!(cookies.get(&TEXT).unwrap().as_deref(), Some(text));
    }
    assert_eq!(cookies.set(&NUMBER, &i64::MIN), Ok(Outcome::Stored));
    assert_eq!(cookies.get(&NUMBER), Ok(Some(i64::MIN)));
    assert_eq!(cookies.set(&FLAG, &true), Ok(Outcome::Stored));
    assert_eq!(cookies.get(&FLAG), Ok(Some(true)));
    let cart = Cart { items: vec!["a;b".to_owned()] };
    assert_eq!(cookies.set(&CART, &cart), Ok(Outcome::Stored));
    assert_eq!(cookies.get(&CART), Ok(Some(cart)));
}

#[wasm_bindgen_test]
fn a_removed_cookie_is_gone() {
    const KEY: CookieKey<String> = CookieKey::string("removed");
    let cookies = cookies();
    cookies.set(&KEY, &"1".to_owned()).unwrap();
    assert_eq!(cookies.remove(&KEY), Ok(true));
    assert_eq!(cookies.get(&KEY), Ok(None));
    assert_eq!(cookies.remove(&KEY), Ok(true), "there being none is no error");
}

#[wasm_bindgen_test]
fn a_removed_cookie_is_not_gone_while_another_of_its_name_shows() {
    const KEY: CookieKey<String> = CookieKey::string("left");
    const PARTITIONED: CookieKey<String> = CookieKey::string("left").partitioned();
    let cookies = cookies();
    cookies.set(&KEY, &"1".to_owned()).unwrap();
    assert_eq!(cookies.set(&PARTITIONED, &"2".to_owned()), Ok(Outcome::Stored));
    assert_eq!(cookies.remove(&KEY), Ok(false));
    assert_eq!(cookies.get(&KEY).unwrap().as_deref(), Some("2"));
    assert_eq!(cookies.remove(&PARTITIONED), Ok(true));
}

#[wasm_bindgen_test]
fn what_browsers_drop_is_refused() {
    const FOREIGN: CookieKey<String> = CookieKey::string("refused").domain("bank.example");
    const HTTP_ONLY: CookieKey<String> = CookieKey::string("refused").http_only();
    const LARGE: CookieKey<String> = CookieKey::string("refused");
    let cookies = cookies();
    let one = "1".to_owned();
    assert_eq!(cookies.set(&FOREIGN, &one), Err(WriteError::Refused(Refusal::DomainForeign)));
    assert_eq!(cookies.set(&HTTP_ONLY, &one), Err(WriteError::Refused(Refusal::HttpOnlyFromScript)));
    assert_eq!(cookies.set(&LARGE, &"x".repeat(5000)), Err(WriteError::Encode(EncodeError::TooLarge)));
    assert_eq!(cookies.get(&LARGE), Ok(None));
}

#[wasm_bindgen_test]
fn a_path_elsewhere_is_unverifiable() {
    const ELSEWHERE: CookieKey<String> = CookieKey::string("elsewhere").path("/elsewhere");
    assert_eq!(cookies().set(&ELSEWHERE, &"1".to_owned()), Ok(Outcome::Unverifiable));
    assert_eq!(cookies().get(&ELSEWHERE), Ok(None));
    assert_eq!(cookies().remove(&ELSEWHERE), Ok(false), "the page cannot see whether it is gone");
}

#[wasm_bindgen_test]
fn a_write_that_changes_nothing_is_unverifiable() {
    const KEY: CookieKey<String> = CookieKey::string("same");
    let (cookies, one) = (cookies(), "1".to_owned());
    write("same=1; Path=/");
    assert_eq!(cookies.set(&KEY, &one), Ok(Outcome::Unverifiable));
    assert_eq!(cookies.set(&KEY, &"2".to_owned()), Ok(Outcome::Stored));
    assert_eq!(cookies.set(&KEY, &one), Ok(Outcome::Stored));
}

#[wasm_bindgen_test]
fn a_value_of_somebody_else_is_a_typed_error_and_spoils_no_other() {
    const NUMBER: CookieKey<u8> = CookieKey::integer("foreign-number");
    const TEXT: CookieKey<String> = CookieKey::string("foreign-text");
    write("foreign-number=seven; Path=/");
    write("foreign-text=%zz; Path=/");
    assert_eq!(cookies().get(&NUMBER), Err(ReadError::Decode(DecodeError::WrongType)));
    assert_eq!(cookies().get(&TEXT), Err(ReadError::Decode(DecodeError::NotText)));
    assert_eq!(cookies().set(&NUMBER, &7), Ok(Outcome::Stored));
    assert_eq!(cookies().get(&NUMBER), Ok(Some(7)));
}

#[wasm_bindgen_test]
fn errors_tell_what_to_change() {
    let error = WriteError::Refused(Refusal::DomainForeign);
    assert_eq!((error.code(), error.to_string().ends_with('.')), ("domain_foreign", true));
    assert_eq!(WriteError::from(AccessError::Denied).code(), "access_denied");
    assert_eq!(ReadError::from(DecodeError::WrongType).code(), DecodeError::WrongType.code());
}

/// Runs JavaScript that prepares the page, or puts it back.
fn run(code: &str) {
    js_sys::eval(code).unwrap();
}

#[wasm_bindgen_test]
fn the_path_that_counts_is_the_one_that_was_loaded() {
    const PUSHED: CookieKey<String> = CookieKey::string("pushed").path("/pushed");
    run("globalThis.before = location.href; history.pushState(null, '', '/pushed/page')");
    let outcome = cookies().set(&PUSHED, &"1".to_owned());
    run("history.pushState(null, '', before)");
    assert_eq!(outcome, Ok(Outcome::Unverifiable));
}

#[wasm_bindgen_test]
fn what_a_page_can_tell_of_a_dropped_write_is_told() {
    const KEY: CookieKey<String> = CookieKey::string("dropped");
    let (cookies, one) = (cookies(), "1".to_owned());
    // What the browser drops, as a condition on the line, and whether it says that it takes cookies.
    let rows = [
        ("line.startsWith('dropped=')", true, Refusal::HttpOnlyOverwrite.into()),
        ("true", true, WriteError::Dropped),
        ("true", false, AccessError::Disabled.into()),
    ];
    let dropped = |drops: &str, enabled: bool| {
        run(&format!(
            "const {{ get, set }} = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
            const take = (line) => {drops} || set.call(document, line);
            Object.defineProperty(document, 'cookie', {{ get, set: take, configurable: true }});
            Object.defineProperty(navigator, 'cookieEnabled', {{ value: {enabled}, configurable: true }});"
        ));
        let outcome = cookies.set(&KEY, &one);
        run("delete document.cookie; delete navigator.cookieEnabled");
        outcome
    };
    for (drops, enabled, error) in &rows {
        assert_eq!(dropped(drops, *enabled), Err(*error), "{drops}");
    }
    // A page with so many cookies tries nothing: one more may make the browser drop others.
    run("for (let n = 0; n < 150; n++) document.cookie = `many${n}=1; Path=/`");
    assert_eq!(dropped(rows[0].0, true), Err(WriteError::Dropped));
    run("for (let n = 0; n < 150; n++) document.cookie = `many${n}=; Path=/; Max-Age=0`");
    assert!(!document().cookie().unwrap().contains("probe"), "what was tried is gone");
    assert_eq!(cookies.set(&KEY, &one), Ok(Outcome::Stored));
}

type Heard = Rc<RefCell<Vec<Option<i64>>>>;

fn listen(key: &CookieKey<i64>) -> (Heard, Subscription) {
    let heard = Heard::default();
    let sink = Rc::clone(&heard);
    let subscription = cookies().subscribe(key, move |value| sink.borrow_mut().push(value)).unwrap();
    (heard, subscription)
}

async fn until(heard: &Heard, count: usize) {
    for _ in 0..100 {
        if heard.borrow().len() >= count {
            return;
        }
        pause(50).await;
    }
}

async fn changes_are_heard(key: CookieKey<i64>) {
    let (heard, subscription) = listen(&key);
    let (other, other_subscription) = listen(&key);
    cookies().set(&key, &1).unwrap();
    until(&heard, 1).await;
    write(&format!("{}=no number; Path=/", key.name().as_str()));
    until(&heard, 2).await;
    cookies().remove(&key).unwrap();
    until(&heard, 3).await;
    drop(other_subscription);
    cookies().set(&key, &2).unwrap();
    until(&heard, 4).await;
    drop(subscription);
    cookies().set(&key, &3).unwrap();
    pause(300).await;
    assert_eq!(*heard.borrow(), [Some(1), None, None, Some(2)]);
    assert_eq!(*other.borrow(), [Some(1), None, None]);
}

#[wasm_bindgen_test]
async fn changes_are_heard_by_the_cookie_store_and_by_polling() {
    changes_are_heard(CookieKey::integer("heard-by-store")).await;

    // Without subscriptions there is no watcher; the next one finds no Cookie Store, and polls.
    let global = js_sys::global();
    let descriptor = js_sys::Object::new();
    js_sys::Reflect::set(&descriptor, &"value".into(), &JsValue::UNDEFINED).unwrap();
    js_sys::Object::define_property(&global, &"cookieStore".into(), &descriptor);
    changes_are_heard(CookieKey::integer("heard-by-polling")).await;
}

/// Counts the timers that are set and have neither come nor been cleared.
const COUNT_TIMERS: &str = "
    globalThis.pending = new Set();
    const { setTimeout: set, clearTimeout: clear } = window;
    window.setTimeout = (call, ...rest) => {
        const timer = set.call(window, () => (pending.delete(timer), call()), ...rest);
        pending.add(timer);
        return timer;
    };
    window.clearTimeout = (timer) => (pending.delete(timer), clear.call(window, timer));
    globalThis.restoreTimers = () => Object.assign(window, { setTimeout: set, clearTimeout: clear });
";

fn pending_timers() -> Option<f64> {
    js_sys::eval("pending.size").unwrap().as_f64()
}

#[wasm_bindgen_test]
async fn subscriptions_that_listeners_end_and_begin_do_not_add_up() {
    const KEY: CookieKey<i64> = CookieKey::integer("renewed");
    run("Object.defineProperty(globalThis, 'cookieStore', { value: undefined, configurable: true })");
    run(COUNT_TIMERS);
    // The first listener ends both subscriptions, and with them the watcher, and begins two anew.
    let held: Rc<RefCell<Vec<Subscription>>> = Rc::default();
    let (renewed, late) = (Heard::default(), Heard::default());
    let subscribe = |heard: &Heard| {
        let sink = Rc::clone(heard);
        cookies().subscribe(&KEY, move |value| sink.borrow_mut().push(value)).unwrap()
    };
    let (own, sink) = (Rc::clone(&held), Rc::clone(&renewed));
    let first = cookies().subscribe(&KEY, move |value| {
        drop(own.take());
        sink.borrow_mut().push(value);
        for _ in 0..2 {
            own.borrow_mut().push(listen(&KEY).1);
        }
    });
    held.borrow_mut().extend([first.unwrap(), subscribe(&late)]);
    cookies().set(&KEY, &1).unwrap();
    until(&renewed, 1).await;
    pause(300).await;
    assert_eq!((renewed.borrow().len(), late.borrow().len()), (1, 0), "who has unsubscribed hears nothing");
    assert_eq!(pending_timers(), Some(1.0), "one watcher");
    drop(held.take());
    assert_eq!(pending_timers(), Some(0.0), "none");
    run("restoreTimers(); delete globalThis.cookieStore");
}
