// What happens to the session elsewhere: the server's events, other tabs, and the companion cookie.

import { SessionError, checkListener, deliver } from "./base.js";

const TYPES = ["changed", "expiring", "ended"];
const CHANNEL = "twinjar:session";
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;

/**
 * The event stream is open while somebody listens, a session is there and the tab is visible: a browser allows a host
 * only six connections over HTTP/1.1, and hidden tabs must not use them up.
 *
 * @param companion reads the companion cookie
 */
export function createFeed(cookies, baseUrl, companion) {
  const listeners = new Set();
  /** The session that the listeners know of: its token, and the revision that they were told last. */
  let known;
  /** The token of a session that has ended: its companion cookie stays until the server's next answer. */
  let over;
  let stream;
  let stop;

  function tell(event) {
    for (const listener of [...listeners]) if (listeners.has(listener)) deliver(listener, event);
  }

  function current() {
    const { csrfToken, state } = companion();
    if (state.active && csrfToken !== over) return { token: csrfToken, revision: state.revision };
  }

  /** Tells what the companion cookie has news of, and opens or closes the stream. */
  function look() {
    const now = current();
    const isOther = now?.token !== known?.token;
    // The stream tells of the session that it was opened in.
    if (isOther) stream.close();
    if (isOther || now?.revision > known?.revision) {
      known = now;
      tell(now ? { type: "changed", revision: now.revision } : { type: "ended" });
    }
    if (known && !document.hidden) stream?.open();
    else stream?.close();
  }

  function hear(event) {
    if (!known) return;
    if (event.type === "ended") return end(event);
    if (event.type === "changed") {
      if (event.revision <= known.revision) return;
      known.revision = event.revision;
    }
    tell(event);
  }

  function end(event) {
    over = known.token;
    known = undefined;
    stream.close();
    tell(event);
  }

  /** Somebody has ended the session of this token. */
  function endOf(token) {
    if (known && known.token === token) end({ type: "ended" });
  }

  function open() {
    known = current();
    stream = createStream(() => `${baseUrl}/events?revision=${known.revision}`, hear);
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }) => endOf(data);
    const stopWatching = cookies.subscribe(look);
    document.addEventListener("visibilitychange", look);
    look();
    return () => {
      stream.close();
      stream = known = undefined;
      channel.close();
      stopWatching();
      document.removeEventListener("visibilitychange", look);
    };
  }

  return {
    /** Calls `listener` with each event. Returns a function that ends the subscription. */
    subscribe(listener) {
      checkListener(listener, SessionError);
      // Without a page there is no companion cookie, and so no session to hear of.
      if (typeof document === "undefined") return () => {};
      const own = (event) => listener(event);
      if (listeners.size === 0) stop = open();
      listeners.add(own);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) stop();
      };
    },
    /** This tab has ended the session of this token: tells its own listeners and every other tab. */
    ended(token) {
      endOf(token);
      const channel = new BroadcastChannel(CHANNEL);
      channel.postMessage(token);
      channel.close();
    },
  };
}

/**
 * An event stream that is opened again, ever less often, where the server or the network closes it.
 *
 * @param url gives the address: it tells the server which revision is known, so that the stream begins with what was
 * missed
 */
function createStream(url, tell) {
  let source;
  let timer;
  let retry = FIRST_RETRY;

  function connect() {
    source = new EventSource(url());
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
