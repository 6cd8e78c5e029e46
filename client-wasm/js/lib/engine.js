// The wasm module's functions, loaded at their first use: importing the package costs nothing.

import { __wbg_set_wasm, j as judge, p as parse } from "./glue.js";
import { CookieError, reason } from "./error.js";

// Without the optimiser the module still asks for a table of objects, though no object ever crosses the border.
const IMPORTS = { "./twinjar_bg.js": { __wbindgen_init_externref_table() {} } };

// The glue knows one instance: whichever entry is used first, its module serves all.
let ready = false;

/**
 * @param {() => BufferSource} load gives the module, at the first use
 */
export function createEngine(load) {
  function start() {
    const bytes = load();
    let instance;
    try {
      instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), IMPORTS);
    } catch (cause) {
      throw new CookieError(
        "wasm_blocked",
        "Allow WebAssembly on this page: the content security policy needs script-src 'wasm-unsafe-eval'.",
        { cause },
      );
    }
    __wbg_set_wasm(instance.exports);
    ready = true;
  }

  return {
    /** Four positions for each cookie: start and end of its name, start and end of its value. */
    parse(header) {
      if (!ready) start();
      return parse(header);
    },
    /**
     * Whether a page will see the cookie that is described; throws a CookieError where the rules refuse it. The lines
     * and flags are those of `client-wasm/src/package.rs`.
     */
    judge(lines, flags) {
      if (!ready) start();
      const number = judge(lines, flags);
      if (number === 0 || number === ELSEWHERE) return number === 0;
      throw reason(number - 1);
    },
  };
}

const ELSEWHERE = 255;
