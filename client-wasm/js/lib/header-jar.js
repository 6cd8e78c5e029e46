// The cookies of a request, on a server: what `createCookies(header)` gives.

import { CookieError, misuse, named } from "./error.js";
import { Snapshot } from "./snapshot.js";

export function createHeaderJar(engine, header) {
  if (typeof header !== "string" && header != null) misuse("header", "a string or undefined");
  const snapshot = new Snapshot(engine, header ?? "");
  return {
    get: (name) => snapshot.get(named(name)),
    getAll: (name) => snapshot.getAll(name),
    has: (name) => snapshot.has(named(name)),
    set: refuse,
    remove: refuse,
    clear: refuse,
  };
}

function refuse() {
  throw new CookieError("read_only", "Send a Set-Cookie header: these cookies are read-only.");
}
