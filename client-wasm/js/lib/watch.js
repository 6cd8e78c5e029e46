// The change feed: one watcher, whatever the number of subscribers.

import { CookieError } from "./error.js";
import { checkListener, deliver } from "./listener.js";

/**
 * Makes the `subscribe` of a jar: it calls a listener for every cookie that appears, changes or goes, and returns a
 * function that ends the subscription.
 *
 * @param read gives the cookies as they are
 */
export function createWatcher(read) {
  const subscriptions = new Set();
  let seen;
  let stop;

  function look() {
    const now = read();
    if (now === seen) return false;
    const before = seen;
    seen = now;
    for (const change of changes(before, now)) for (const tell of [...subscriptions]) tell(change);
    return true;
  }

  return (listener) => {
    checkListener(listener, CookieError);
    const tell = (change) => subscriptions.has(tell) && deliver(listener, change);
    if (subscriptions.size === 0) {
      seen = read();
      stop = globalThis.cookieStore?.addEventListener ? listen(look) : poll(look);
    }
    subscriptions.add(tell);
    return () => {
      if (subscriptions.delete(tell) && subscriptions.size === 0) stop();
    };
  };
}

function* changes(before, now) {
  for (const name of new Set([...before.names(), ...now.names()])) {
    const previous = before.get(name);
    const value = now.get(name);
    if (value !== previous) yield { name, value, previous };
  }
}

// The browser begins to tell some time after it is asked: what changes until then is found by looking. A look after
// the end tells nobody.
function listen(look) {
  cookieStore.addEventListener("change", look);
  for (const delay of [100, 400, 1600]) setTimeout(look, delay);
  return () => cookieStore.removeEventListener("change", look);
}

const CHANNEL = "twinjar:cookies";

/** Whether there is nothing to announce: it is about to be, or a Cookie Store tells of every write. */
let isTold;

/** Has the watchers that poll, of this page and of other tabs, look soon. Writes at the same time are told once. */
export function announce() {
  if ((isTold ??= !!globalThis.cookieStore || !globalThis.BroadcastChannel)) return;
  isTold = true;
  queueMicrotask(() => {
    isTold = false;
    const tabs = new BroadcastChannel(CHANNEL);
    tabs.postMessage("written");
    // An open one would keep the page out of the browser's cache for going back.
    tabs.close();
  });
}

const FASTEST = 100;
const SLOWEST = 5000;

/**
 * Looks every 100 ms after a change, ever less often while nothing happens, and not at all in a hidden tab. A write of
 * this page or of another tab is looked at soon.
 */
function poll(look) {
  if (typeof document === "undefined") return () => {};
  let pause = FASTEST;
  let timer;
  /** When the next look is. */
  let due;
  const tick = () => {
    pause = look() ? FASTEST : Math.min(pause * 1.5, SLOWEST);
    // A listener may have ended the watch.
    if (timer) wait();
  };
  const wait = () => {
    clearTimeout(timer);
    due = document.hidden ? Infinity : Date.now() + pause;
    if (!document.hidden) timer = setTimeout(tick, pause);
  };
  const wake = () => {
    pause = FASTEST;
    // A look that comes sooner stays: writes that follow each other quickly would put it off for ever.
    if (document.hidden || due > Date.now() + pause) wait();
  };
  const tabs = new BroadcastChannel(CHANNEL);
  tabs.onmessage = wake;
  document.addEventListener("visibilitychange", wake);
  wait();
  return () => {
    clearTimeout(timer);
    timer = undefined;
    tabs.close();
    document.removeEventListener("visibilitychange", wake);
  };
}
