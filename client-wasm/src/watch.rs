//! The change feed: one watcher for all subscriptions of the page.
//!
//! The browser's Cookie Store tells of changes where there is one; it begins to some time after it is asked, so the
//! watcher looks by itself at first. Elsewhere it goes on looking, ever less often while nothing happens and not at all
//! in a hidden tab.

use std::cell::{Cell, RefCell};
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
    let id = LAST_ID.get() + 1;
    LAST_ID.set(id);
    WATCHER.with_borrow_mut(|watcher| {
        let watcher = watcher.get_or_insert_with(|| Watcher::start(page));
        watcher.listeners.push((id, Rc::new(RefCell::new(listener))));
    });
    Subscription { id }
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
    /// It outlives the watchers: a listener of one that has ended must not pass for a listener of the next.
    static LAST_ID: Cell<u64> = const { Cell::new(0) };
}

type Listener = Rc<RefCell<dyn FnMut(&str)>>;

struct Watcher {
    page: Page,
    seen: String,
    listeners: Vec<(u64, Listener)>,
    store: Option<Store>,
    timer: Option<i32>,
    pause: i32,
    on_tick: Closure<dyn FnMut()>,
}

struct Store {
    target: EventTarget,
    on_change: Closure<dyn FnMut()>,
}

/// Milliseconds between two looks.
const FASTEST: i32 = 100;
const SLOWEST: i32 = 5000;
/// The pause at which a Cookie Store has long begun to tell.
const SETTLED: i32 = 1000;

impl Watcher {
    fn start(page: Page) -> Self {
        let store = cookie_store().map(|target| {
            let on_change = Closure::new(look);
            // It can fail for a listener that is no function alone.
            let _ = target.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
            Store { target, on_change }
        });
        let seen = page.cookies().unwrap_or_default();
        let on_tick = Closure::new(tick);
        let mut watcher = Self { page, seen, listeners: Vec::new(), store, timer: None, pause: 0, on_tick };
        watcher.wait(true);
        watcher
    }

    /// Sets the next look, sooner where something has just changed; none once the Cookie Store can be relied on. There
    /// is one at a time: a watcher that began during a look of the one before has set its own already.
    fn wait(&mut self, changed: bool) {
        self.clear_timer();
        if self.store.is_some() && self.pause >= SETTLED {
            return;
        }
        self.pause = if changed { FASTEST } else { (self.pause * 3 / 2).min(SLOWEST) };
        self.timer = web_sys::window().and_then(|window| {
            let tick = self.on_tick.as_ref().unchecked_ref();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(tick, self.pause).ok()
        });
    }

    fn clear_timer(&mut self) {
        if let (Some(timer), Some(window)) = (self.timer.take(), web_sys::window()) {
            window.clear_timeout_with_handle(timer);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(Store { target, on_change }) = &self.store {
            let _ = target.remove_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
        }
        self.clear_timer();
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
