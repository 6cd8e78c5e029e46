// The session client by itself, for other addresses than the default one.

import { cookies } from "./index.js";
import { base } from "./lib/session-base.js";
import { createSession as create } from "./session/client.js";

export { SessionError } from "./lib/session-error.js";

export function createSession(options) {
  return create(base, cookies, options);
}

export const session = /* @__PURE__ */ createSession();
