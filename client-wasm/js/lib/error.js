// The one error of this package, and the reasons that the formats give for it.

import { REASONS } from "./reasons.js";

/** Everything that goes wrong with cookies. `code` is a stable word for programs, `message` says what to change. */
export class CookieError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }

  // Not a field: engines write the name into the stack before fields are set.
  get name() {
    return "CookieError";
  }
}

/** The error for a reason, given by its place in the list. */
export function reason(place) {
  const [code, message] = REASONS.split("\n").slice(2 * place);
  return new CookieError(code, message);
}

/** Throws the error of a wrong call. */
export function misuse(what, wanted, code = "invalid_" + what) {
  throw new CookieError(code, `Pass ${what} as ${wanted}.`);
}

/** The name, if it is one at all. */
export function named(name) {
  return typeof name === "string" ? name : misuse("name", "a string");
}
