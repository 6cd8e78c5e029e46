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

/** The error for a reason, given by its place in the list or by its code. */
export function reason(which) {
  const [code, message] = typeof which === "number" ? REASONS[which] : REASONS.find(([code]) => code === which);
  return new CookieError(code, message);
}

/** The name, if it is one at all. */
export function named(name) {
  if (typeof name === "string") return name;
  throw new CookieError("invalid_name", "Pass the name as a string.");
}
