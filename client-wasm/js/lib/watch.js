// The change feed: one watcher, whatever the number of subscribers.

import { CookieError } from "./error.js";
import { checkListener, deliver } from "./listener.js";

/**
 * Makes the `subscribe` of a source: it calls a listener for every cookie that appears, changes or goes, and returns a
 * function that ends the subscription.
 */
export function createWatcher(source) {
  const subscriptions = new Set();
  let seen;
  let stop;

  function look() {
    const now = source.read();
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
      seen = source.read();
      stop = globalThis.cookieStore?.addEventListener ? listen(look) : poll(source, look);
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

const FASTEST = 100;
const SLOWEST = 5000;

/**
 * Looks every 100 ms after a change, ever less often while nothing happens, and not at all in a hidden tab. A write of
 * this page or of another tab is looked at soon.
 */
function poll(source, look) {
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
  const tabs = new BroadcastChannel("twinjar:cookies");
  tabs.onmessage = wake;
  source.setOnWrite(() => {
    tabs.postMessage("written");
    wake();
  });
  document.addEventListener("visibilitychange", wake);
  wait();
  return () => {
    clearTimeout(timer);
    timer = undefined;
    tabs.close();
    source.setOnWrite(undefined);
    document.removeEventListener("visibilitychange", wake);
  };
}
