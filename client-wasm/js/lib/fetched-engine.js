// The engine whose module is a file beside the JavaScript. Importing it waits for the file.

import { createEngine } from "./engine.js";

const response = await fetch(new URL("../twinjar.wasm", import.meta.url));
if (!response.ok) throw new Error(`twinjar.wasm cannot be fetched: the server answered ${response.status}.`);

// Not compileStreaming: it refuses servers that do not know the media type of wasm, and the module is small.
const bytes = await response.arrayBuffer();

export const engine = /* @__PURE__ */ createEngine(() => bytes);
