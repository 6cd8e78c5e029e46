// The jar: what `cookies` and `createCookies()` are.

import { withOptions, DEFAULTS } from "./attributes.js";
import { CookieError } from "./error.js";
import { watch } from "./watch.js";
import { judge, store, erase } from "./write.js";

/** A jar over a source, with the attributes that its writes have where a call does not say otherwise. */
export function createJar(engine, source, defaults = DEFAULTS) {
  return {
    get: (name) => source.read().get(named(name)),
    getAll: (name) => (name === undefined ? source.read().toRecord() : source.read().getEvery(named(name))),
    has: (name) => source.read().has(named(name)),
    set: (name, value, options) => store(engine, source, named(name), value, withOptions(defaults, options)),
    remove: (name, options) => erase(engine, source, named(name), withOptions(defaults, options)),
    clear(options) {
      const attributes = withOptions(defaults, options);
      const names = [...source.read().names()];
      for (const name of names) erase(engine, source, name, attributes);
      const left = source.read();
      return {
        removed: names.filter((name) => !left.has(name)),
        remaining: names.filter((name) => left.has(name)),
      };
    },
    check(name, value, options) {
      try {
        judge(engine, named(name), value, withOptions(defaults, options));
        return { ok: true };
      } catch (error) {
        if (!(error instanceof CookieError)) throw error;
        return { ok: false, code: error.code, message: error.message };
      }
    },
    withDefaults: (options) => createJar(engine, source, withOptions(defaults, options)),
    subscribe: (listener) => watch(source, listener),
  };
}

function named(name) {
  if (typeof name === "string") return name;
  throw new CookieError("invalid_name", "Pass the cookie's name as a string.");
}
