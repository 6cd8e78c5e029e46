// What happens to the session elsewhere: the server's events, other tabs, and the companion cookie.

import { SessionError } from "./base.js";

const TYPES = ["changed", "expiring", "ended"];
const CHANNEL = "twinjar:session";
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;

/**
 * The event stream is open while somebody listens, a session is there and the tab is visible: a browser allows a host
 * only six connections over HTTP/1.1, and hidden tabs must not use them up.
 */
export function createFeed(cookies, baseUrl, state) {
  const listeners = new Set();
  let active = false;
  let stop;

  function tell(event) {
    if (event.type === "ended") {
      if (!active) return;
      active = false;
    }
    for (const listener of [...listeners]) if (listeners.has(listener)) deliver(listener, event);
  }

  function open() {
    active = state().active;
    const stream = createStream(`${baseUrl}/events`, tell);
    const follow = () => (active && !document.hidden ? stream.open() : stream.close());
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => {
      tell({ type: "ended" });
      follow();
    };
    const stopWatching = cookies.subscribe(() => {
      if (state().active) active = true;
      else tell({ type: "ended" });
      follow();
    });
    document.addEventListener("visibilitychange", follow);
    follow();
    return () => {
      stream.close();
      channel.close();
      stopWatching();
      document.removeEventListener("visibilitychange", follow);
    };
  }

  return {
    /** Calls `listener` with each event. Returns a function that ends the subscription. */
    subscribe(listener) {
      if (typeof listener !== "function") {
        throw new SessionError("invalid_listener", "Pass a function to subscribe: it is called with each event.");
      }
      const own = (event) => listener(event);
      if (listeners.size === 0) stop = open();
      listeners.add(own);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) stop();
      };
    },
    /** This tab has ended the session: tells its own listeners and every other tab. */
    ended() {
      tell({ type: "ended" });
      const channel = new BroadcastChannel(CHANNEL);
      channel.postMessage("ended");
      channel.close();
    },
  };
}

/** An event stream that is opened again, ever less often, where the server or the network closes it. */
function createStream(url, tell) {
  let source;
  let timer;
  let retry = FIRST_RETRY;

  function connect() {
    source = new EventSource(url);
    source.onopen = () => (retry = FIRST_RETRY);
    // EventSource connects again by itself, but not after an answer that is no event stream.
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retry * (0.5 + Math.random()));
      retry = Math.min(retry * 2, LAST_RETRY);
    };
    for (const type of TYPES) source.addEventListener(type, (event) => tell({ ...parse(event.data), type }));
  }

  return {
    open() {
      if (!source) connect();
    },
    close() {
      clearTimeout(timer);
      source?.close();
      source = undefined;
    },
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

// A listener that throws must not keep the others from hearing.
function deliver(listener, event) {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
