// The session client: values behind the HttpOnly cookie, read and changed over HTTP.

import { SessionError, provide, readCompanion } from "./base.js";
import { createFeed } from "./feed.js";
import { abortable, pause } from "./timing.js";
import { createTransport, jsonOf } from "./transport.js";

/** How often `update` tries again when somebody else was faster. */
const UPDATE_TRIES = 10;

/**
 * @param base what `lib/session-base.js` has
 * @param cookies the jar that shows the companion cookie
 * @param options.baseUrl where the server mounts the session API
 * @param options.companion the companion cookie's name
 */
export function createSession(base, cookies, { baseUrl = "/api/session", companion } = {}) {
  provide(base);
  const readNow = () => readCompanion(cookies, companion);
  const state = () => readNow().state;
  const token = () => readNow().csrfToken;
  const send = createTransport(baseUrl, token);
  const feed = createFeed(cookies, baseUrl, readNow);
  /** Keys that were there when this page last heard of them, each with the token of the session that had it. */
  const present = new Map();
  let viewing;
  let viewer;
  /** The write that starts the session, while it is under way. */
  let starting;
  /** How many such writes there were. */
  let starts = 0;

  /**
   * Callers at the same time share a request, as long as they ask of the same session at the same revision: a login
   * changes it, and so does a write by the page's own `fetch`, which the view has to show.
   */
  function view({ signal } = {}) {
    const asker = `${token()} ${state().revision}`;
    if (!viewing || asker !== viewer) {
      const request = send("GET", "").then((response) => jsonOf(response));
      const done = () => viewing === request && (viewing = undefined);
      request.then(done, done);
      viewing = request;
      viewer = asker;
    }
    return abortable(viewing, signal);
  }

  /** The response that holds the value; undefined where the session has no such key. */
  async function read(key, signal) {
    try {
      const response = await send("GET", place(key), { signal });
      present.set(key, token());
      return response;
    } catch (error) {
      if (error.code !== "key_not_found") throw error;
      present.delete(key);
    }
  }

  /**
   * A value and what a write of its successor has to meet: the session's revision, or that there is still none.
   *
   * The view is larger than one value, but never answers "not found", which browsers show in the console as an error.
   */
  async function readForUpdate(key, signal) {
    const [before, asker] = [starts, token()];
    const isStarted = () => starts !== before || token() !== asker;
    const known = present.has(key) && present.get(key) === asker;
    const response = known && (await read(key, signal));
    const ifMatch = response && ifMatchOf(response);
    if (ifMatch) return { value: await jsonOf(response, signal), ifMatch };
    const { active, revision, data } = await jsonOf(await send("GET", "", { signal }), signal);
    // Names like toString are ordinary names.
    const value = data && Object.hasOwn(data, key) ? data[key] : undefined;
    return { value, ...(active ? { ifMatch: `"${revision}"` } : { isStarted }) };
  }

  /**
   * Sends a change. A view that was asked for before it shows the session as it was: it is not shared any more.
   *
   * Without a session each of several writes would start one of its own, and the last one's cookie would win. So the
   * first goes alone, and the others follow with the session that it started.
   */
  async function change(method, path, options = {}) {
    while (starting && !state().active) await abortable(starting, options.signal);
    if (options.isStarted?.()) {
      throw new SessionError("revision_conflict", "The session was started meanwhile: read it and write again.");
    }
    const request = send(method, path, options);
    if (!state().active) {
      const done = () => {
        starting = undefined;
        starts++;
      };
      starting = request.then(done, done);
    }
    await request;
    viewing = undefined;
  }

  async function write(key, value, options) {
    if (value === undefined) {
      await change("DELETE", place(key), options);
      present.delete(key);
    } else {
      await change("PUT", place(key), { ...options, body: encode(value) });
      present.set(key, token());
    }
  }

  return {
    async get(key, { signal } = {}) {
      const response = await read(key, signal);
      return response && jsonOf(response, signal);
    },
    async set(key, value, options) {
      if (value === undefined) throw new SessionError("invalid_value", "Pass a JSON value; delete() removes one.");
      await write(key, value, options);
    },
    async delete(key, options) {
      await write(key, undefined, options);
    },
    async update(key, successor, { signal } = {}) {
      place(key);
      if (typeof successor !== "function") {
        throw new SessionError("invalid_value", "Pass a function that makes the next value of the present one.");
      }
      for (let tries = 1; ; tries++) {
        const { value, ...condition } = await readForUpdate(key, signal);
        const next = await successor(value);
        try {
          await write(key, next, { ...condition, signal });
          return next;
        } catch (error) {
          if (error.code !== "revision_conflict" || tries === UPDATE_TRIES) throw error;
        }
        await pause(Math.random() * 10 * 2 ** tries, signal);
      }
    },
    view,
    async rotate({ signal } = {}) {
      await change("POST", "/rotate", { signal });
    },
    async destroy({ signal } = {}) {
      const ending = token();
      await change("DELETE", "", { signal });
      feed.ended(ending);
    },
    state,
    subscribe: feed.subscribe,
  };
}

function place(key) {
  if (typeof key !== "string" || key === "") {
    throw new SessionError("invalid_key", "Pass the session key as a string that is not empty.");
  }
  return `/data/${encodeURIComponent(key)}`;
}

/** The ETag as `If-Match` takes it: proxies that compress make it a weak one (`W/"7"`) or add to it (`"7-gzip"`). */
function ifMatchOf(response) {
  const digits = /^(?:W\/)?"(\d+)/.exec(response.headers.get("ETag"))?.[1];
  return digits && `"${digits}"`;
}

function encode(value) {
  let body;
  let cause;
  try {
    body = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (body !== undefined) return body;
  throw new SessionError("invalid_value", "Pass a value that JSON can hold: no function, BigInt or cycle.", { cause });
}
