// The package's entry. The build makes the entry `./fetch` of it, which differs by its engine alone.

import { createDefine } from "./lib/definition.js";
import { engine } from "./lib/inlined-engine.js";
import { createJar } from "./lib/jar.js";
import { createLazySession } from "./lib/lazy-session.js";
import { createDocumentSource, createHeaderSource } from "./lib/source.js";

export { CookieError } from "./lib/error.js";
export { SessionError } from "./lib/session-error.js";

export const cookies = /* @__PURE__ */ createJar(engine, /* @__PURE__ */ createDocumentSource(engine));

export const defineCookie = /* @__PURE__ */ createDefine(cookies);

export function createCookies(header) {
  return createJar(engine, createHeaderSource(engine, header));
}

export const session = /* @__PURE__ */ createLazySession(cookies, () => import("./session/client.js"));
