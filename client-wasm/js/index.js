// The package's entry: the module is part of the JavaScript, everything is synchronous.

import { createDefine } from "./lib/definition.js";
import { engine } from "./lib/inlined-engine.js";
import { createJar } from "./lib/jar.js";
import { createDocumentSource, createHeaderSource } from "./lib/source.js";

export { CookieError } from "./lib/error.js";

export const cookies = /* @__PURE__ */ createJar(engine, /* @__PURE__ */ createDocumentSource(engine));

export const defineCookie = /* @__PURE__ */ createDefine(cookies);

export function createCookies(header) {
  return createJar(engine, createHeaderSource(engine, header));
}
