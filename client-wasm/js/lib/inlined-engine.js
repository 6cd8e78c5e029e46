// The engine whose module is part of the JavaScript: ready without a request, in every bundler and in Node.

import { wasm } from "./inlined.js";
import { createEngine } from "./engine.js";

export const engine = /* @__PURE__ */ createEngine(() => {
  // The build moves each byte up by one.
  const bytes = new Uint8Array(wasm.length);
  for (let i = 0; i < wasm.length; i++) bytes[i] = wasm.charCodeAt(i) - 1;
  return bytes;
});
