// The jar: what `cookies` and `createCookies()` are.

import { withOptions, DEFAULTS } from "./attributes.js";
import { CookieError } from "./error.js";
import { MAX_LIFETIME, NOTES } from "./reasons.js";
import { watch } from "./watch.js";
import { createWriter } from "./write.js";

/** A jar over a source, with the attributes that its writes have where a call does not say otherwise. */
export function createJar(engine, source, writer = createWriter(engine, source), defaults = DEFAULTS) {
  return {
    get: (name) => source.read().get(named(name)),
    getAll: (name) => (name === undefined ? source.read().toRecord() : source.read().getEvery(named(name))),
    has: (name) => source.read().has(named(name)),
    set: (name, value, options) => writer.set(named(name), value, withOptions(defaults, options)),
    remove: (name, options) => writer.remove(named(name), withOptions(defaults, options)),
    clear: (options) => writer.clear(withOptions(defaults, options)),
    check(name, value, options) {
      try {
        const attributes = withOptions(defaults, options);
        const visible = writer.check(named(name), value, attributes);
        return { ok: true, notes: notesOf(visible, attributes) };
      } catch (error) {
        if (!(error instanceof CookieError)) throw error;
        return { ok: false, code: error.code, message: error.message };
      }
    },
    withDefaults: (options) => createJar(engine, source, writer, withOptions(defaults, options)),
    subscribe: (listener) => watch(source, listener),
  };
}

function named(name) {
  if (typeof name === "string") return name;
  throw new CookieError("invalid_name", "Pass the cookie's name as a string.");
}

/** What a browser would store otherwise than asked for. */
function notesOf(visible, { maxAge, expires }) {
  const notes = [];
  const note = (code) => notes.push({ code, message: NOTES[code] });
  if (!visible) note("path_elsewhere");
  const seconds = maxAge ?? (expires - Date.now()) / 1000;
  if (seconds > MAX_LIFETIME) note("lifetime_clamped");
  return notes;
}
