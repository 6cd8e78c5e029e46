// The wasm module's functions, loaded at their first use: importing the package costs nothing.

import { CookieError, reason } from "./error.js";

const encoder = new TextEncoder();

/**
 * @param {() => BufferSource} load gives the module, at the first use
 */
export function createEngine(load) {
  let module;
  /** Where the module reads text, and the memory from there on. It is replaced, and so empty here, where it grows. */
  let start;
  let view = new Uint8Array();

  function instantiate() {
    const bytes = load();
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    } catch (cause) {
      throw new CookieError("wasm_blocked", "Add 'wasm-unsafe-eval' to script-src.", { cause });
    }
  }

  /** Hands a text over, and gives its length in bytes. */
  function write(text) {
    module ??= instantiate();
    const most = 3 * text.length;
    if (view.length < most) {
      start = module.r(most);
      view = new Uint8Array(module.memory.buffer, start);
    }
    return encoder.encodeInto(text, view).written;
  }

  return {
    /** Four positions for each cookie: start and end of its name, start and end of its value. */
    parse(header) {
      // A letter for each unit that is not ASCII: the module's bytes are then the string's units.
      const bytes = write(header.replace(/[^\0-\x7f]/g, "x"));
      const count = module.p(bytes);
      return new Uint32Array(module.memory.buffer, (start + bytes + 3) & -4, count).slice();
    },
    /**
     * Whether a page will see the cookie that is described; throws a CookieError where the rules refuse it. The lines,
     * the flags and the answer are those of `client-wasm/src/package.rs`.
     */
    judge(lines, flags) {
      const bytes = write(lines);
      const answer = module.j(bytes, flags);
      if (answer > 1) throw reason(answer - 2);
      return !answer;
    },
  };
}
