// What a caller says about a cookie, checked and brought into one shape.

import { CookieError, misuse, reason } from "./error.js";
import { HTTP_ONLY_FROM_SCRIPT } from "./reasons.js";

/** In the order of their numbers. */
export const SAME_SITE = [, "strict", "lax", "none"];

/** What holds where nothing is said. What `write.js` makes of a record, once, is its `form` and its `removal`. */
export const DEFAULTS = { path: "/", sameSite: 2 };

/** `options` over `base`. */
export function withOptions(base, options) {
  if (options === undefined) return base;
  if (Object(options) !== options) fail("options", "an object");
  const result = { ...base, form: undefined, removal: undefined };
  for (const key in options) {
    const value = options[key];
    if (value !== undefined) result[key] = read(key, value);
  }
  return result;
}

function read(key, value) {
  switch (key) {
    case "path":
    case "domain":
      return typeof value === "string" && value !== "" ? value : fail(key, "a non-empty string");
    case "maxAge":
      return Number.isSafeInteger(value) ? value : fail(key, "whole seconds");
    case "expires":
      return time(value);
    case "sameSite": {
      const number = SAME_SITE.indexOf(typeof value === "string" && value.toLowerCase());
      return number > 0 ? number : fail(key, '"lax", "strict" or "none"');
    }
    case "secure":
    case "partitioned":
    case "raw":
    case "verify":
      return typeof value === "boolean" ? value : fail(key, "true or false");
    case "httpOnly":
      // False is what every cookie of a script is.
      if (value !== false) throw reason(HTTP_ONLY_FROM_SCRIPT);
      return value;
    default:
      throw new CookieError("unknown_option", `Remove the unknown option ${key}.`);
  }
}

function time(value) {
  const milliseconds = value instanceof Date ? +value : value;
  // The years that a cookie date can tell.
  const isDate = typeof milliseconds === "number" && milliseconds >= Date.UTC(1601) && milliseconds < Date.UTC(10000);
  return isDate ? milliseconds : fail("expires", "a Date or epoch milliseconds from 1601 to 9999");
}

function fail(what, wanted) {
  misuse(what, wanted, "invalid_option");
}
