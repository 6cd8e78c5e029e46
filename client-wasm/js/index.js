// The package's entry. The build makes the entry `./fetch` of it, which differs by its engine alone.

import { createDefine } from "./lib/definition.js";
import { createDocumentJar } from "./lib/document-jar.js";
import { createHeaderJar } from "./lib/header-jar.js";
import { engine } from "./lib/inlined-engine.js";
import { createLazySession } from "./lib/lazy-session.js";

export { CookieError } from "./lib/error.js";
export { SessionError } from "./lib/session-error.js";

export const cookies = /* @__PURE__ */ createDocumentJar(engine);

export const defineCookie = /* @__PURE__ */ createDefine(cookies);

export function createCookies(header) {
  return createHeaderJar(engine, header);
}

export const session = /* @__PURE__ */ createLazySession(cookies, () => import("./session/client.js"));
