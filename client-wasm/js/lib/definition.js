// A cookie that is described once: its name, its type's codec and its attributes.

import { CookieError, misuse, named } from "./error.js";
import { checkListener } from "./listener.js";

/** Text of what is of this type and no NaN; of nothing else, which the jar then refuses. */
const textOf = (type) => (value) => typeof value === type && value === value && "" + value;

const CODECS = {
  __proto__: null,
  string: { encode: (value) => value, decode: (text) => text },
  number: { encode: textOf("number"), decode: (text) => (text.trim() ? Number(text) : NaN) },
  boolean: { encode: textOf("boolean"), decode: (text) => ({ __proto__: null, true: true, false: false })[text] },
  json: { encode: JSON.stringify, decode: JSON.parse },
};

/** Makes `defineCookie` for a jar. */
export function createDefine(jar) {
  return function defineCookie(definition) {
    const { name, codec = "string", ...attributes } = Object(definition);
    named(name);
    const own = codecOf(codec);
    const cookies = jar.withDefaults(attributes);

    // What somebody else wrote and the codec does not understand counts as absent.
    function read(text) {
      if (text === undefined) return undefined;
      try {
        const value = own.decode(text);
        return Number.isNaN(value) ? undefined : value;
      } catch {
        return undefined;
      }
    }

    function encode(value) {
      try {
        return own.encode(value);
      } catch (cause) {
        throw new CookieError("invalid_value", "Pass a value that the codec encodes.", { cause });
      }
    }

    return {
      name,
      get: () => read(cookies.get(name)),
      set: (value) => cookies.set(name, encode(value)),
      remove: () => cookies.remove(name),
      subscribe(listener) {
        checkListener(listener, CookieError);
        return cookies.subscribe((change) => {
          if (change.name === name) listener(read(change.value));
        });
      },
    };
  };
}

function codecOf(codec) {
  const found = typeof codec === "string" ? CODECS[codec] : codec;
  if (typeof found?.encode === "function" && typeof found.decode === "function") return found;
  misuse("codec", '"string", "number", "boolean", "json" or { encode, decode }');
}
