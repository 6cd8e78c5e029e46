// The engine whose module is a file beside the JavaScript, in Node.

import { readFileSync } from "node:fs";
import { createEngine } from "./engine.js";

export const engine = /* @__PURE__ */ createEngine(() => readFileSync(new URL("../twinjar.wasm", import.meta.url)));
