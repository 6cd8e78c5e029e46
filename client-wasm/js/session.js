// The session client by itself, for other addresses than the default one.

import { SessionError, cookies } from "./index.js";
import { base } from "./lib/session-base.js";
import { createSession as create } from "./session/client.js";

export { SessionError };

export function createSession(options) {
  // The class comes from the entry because in CommonJS the base has a copy of it.
  return create([...base.slice(0, -1), SessionError], cookies, options);
}

export const session = /* @__PURE__ */ createSession();
