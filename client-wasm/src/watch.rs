//! The change feed: one watcher for all subscriptions of the page.
//!
//! The browser's Cookie Store tells of changes where there is one; elsewhere the watcher looks from time to time, ever
//! less often while nothing happens and not at all in a hidden tab.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, VisibilityState};

use crate::document::Page;

/// A subscription: dropping it ends it.
#[derive(Debug)]
#[must_use = "a subscription ends when it is dropped"]
pub struct Subscription {
    id: u64,
}

/// Calls `listener` with `document.cookie` after each change.
pub(crate) fn subscribe(page: Page, listener: impl FnMut(&str) + 'static) -> Subscription {
    WATCHER.with_borrow_mut(|watcher| {
        let watcher = watcher.get_or_insert_with(|| Watcher::start(page));
        watcher.last_id += 1;
        watcher.listeners.push((watcher.last_id, Rc::new(RefCell::new(listener))));
        Subscription { id: watcher.last_id }
    })
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // The watcher and the listener are dropped outside the borrow: what they own may end subscriptions too.
        let _ended = WATCHER.with_borrow_mut(|slot| {
            let watcher = slot.as_mut()?;
            let index = watcher.listeners.iter().position(|(id, _)| *id == self.id)?;
            let listener = watcher.listeners.remove(index);
            let watcher = if watcher.listeners.is_empty() { slot.take() } else { None };
            Some((listener, watcher))
        });
    }
}

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

type Listener = Rc<RefCell<dyn FnMut(&str)>>;

struct Watcher {
    page: Page,
    seen: String,
    listeners: Vec<(u64, Listener)>,
    last_id: u64,
    source: Source,
}

enum Source {
    Store { store: EventTarget, on_change: Closure<dyn FnMut()> },
    Polling { timer: Option<i32>, pause: i32, on_tick: Closure<dyn FnMut()> },
}

/// Milliseconds between two looks.
const FASTEST: i32 = 100;
const SLOWEST: i32 = 5000;

impl Watcher {
    fn start(page: Page) -> Self {
        let source = match cookie_store() {
            Some(store) => {
                let on_change = Closure::new(look);
                // It can fail for a listener that is no function alone.
                let _ = store.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
                Source::Store { store, on_change }
            }
            None => Source::Polling { timer: None, pause: FASTEST, on_tick: Closure::new(tick) },
        };
        let seen = page.cookies().unwrap_or_default();
        let mut watcher = Self { page, seen, listeners: Vec::new(), last_id: 0, source };
        watcher.wait(true);
        watcher
    }

    /// Polling only: sets the next look, sooner where something has just changed.
    fn wait(&mut self, changed: bool) {
        if let Source::Polling { timer, pause, on_tick } = &mut self.source {
            *pause = if changed { FASTEST } else { (*pause * 3 / 2).min(SLOWEST) };
            *timer = web_sys::window().and_then(|window| {
                let tick = on_tick.as_ref().unchecked_ref();
                window.set_timeout_with_callback_and_timeout_and_arguments_0(tick, *pause).ok()
            });
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        match &self.source {
            Source::Store { store, on_change } => {
                let _ =
                    store.remove_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
            }
            Source::Polling { timer: Some(timer), .. } => {
                if let Some(window) = web_sys::window() {
                    window.clear_timeout_with_handle(*timer);
                }
            }
            Source::Polling { timer: None, .. } => {}
        }
    }
}

fn tick() {
    let hidden = web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.visibility_state() == VisibilityState::Hidden);
    let changed = !hidden && look_and_tell();
    WATCHER.with_borrow_mut(|watcher| {
        if let Some(watcher) = watcher {
            watcher.wait(changed);
        }
    });
}

fn look() {
    look_and_tell();
}

/// Looks once, and tells the listeners of a change. No borrow is held while they run: they may subscribe or end
/// subscriptions.
fn look_and_tell() -> bool {
    let news = WATCHER.with_borrow_mut(|watcher| {
        let watcher = watcher.as_mut()?;
        let now = watcher.page.cookies().ok()?;
        if now == watcher.seen {
            return None;
        }
        watcher.seen.clone_from(&now);
        Some((now, watcher.listeners.clone()))
    });
    let Some((header, listeners)) = news else { return false };
    for (id, listener) in listeners {
        let is_subscribed = WATCHER.with_borrow(|watcher| {
            watcher.as_ref().is_some_and(|w| w.listeners.iter().any(|(other, _)| *other == id))
        });
        // A listener that is running already, because it looked itself, is not entered again.
        if let (true, Ok(mut listener)) = (is_subscribed, listener.try_borrow_mut()) {
            listener(&header);
        }
    }
    true
}

fn cookie_store() -> Option<EventTarget> {
    let store = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("cookieStore")).ok()?;
    store.dyn_into().ok()
}
