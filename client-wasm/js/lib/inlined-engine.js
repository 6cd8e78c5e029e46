// The engine whose module is part of the JavaScript: ready without a request, in every bundler and in Node.

import { wasm } from "./inlined.js";
import { createEngine } from "./engine.js";

export const engine = /* @__PURE__ */ createEngine(() => {
  const text = atob(wasm);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
});
