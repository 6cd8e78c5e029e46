// The engine whose module is a file beside the JavaScript. Importing it waits for the file.

import { createEngine } from "./engine.js";
import { CookieError } from "./error.js";

const response = await fetch(new URL("../twinjar.wasm", import.meta.url));

// Not compileStreaming: it refuses servers that do not know the media type of wasm, and the module is small.
const bytes = await response.arrayBuffer();

// A module begins with a zero. Many servers answer with a page where they have no file.
if (new Uint8Array(bytes)[0] !== 0) throw new CookieError("wasm_missing", `Serve twinjar.wasm at ${response.url}.`);

export const engine = /* @__PURE__ */ createEngine(() => bytes);
