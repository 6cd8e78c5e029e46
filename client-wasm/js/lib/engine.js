// The wasm module's functions, loaded at their first use: importing the package costs nothing.

import * as glue from "./glue.js";
import { CookieError, reason } from "./error.js";

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
      instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { "./twinjar_bg.js": glue });
    } catch (cause) {
      throw new CookieError(
        "wasm_blocked",
        "Allow WebAssembly on this page: the content security policy needs script-src 'wasm-unsafe-eval'.",
        { cause },
      );
    }
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start?.();
    ready = true;
  }

  return {
    /** Four positions for each cookie: start and end of its name, start and end of its value. */
    parse(header) {
      if (!ready) start();
      return glue.p(header);
    },
    /** Throws a CookieError where the rules refuse the cookie on a page of that host. */
    judge(name, raw, domain, path, host, flags) {
      if (!ready) start();
      const number = glue.j(name, raw, domain, path, host, flags);
      if (number) throw reason(number - 1);
    },
    /** Whether cookies of this path show on a page of that path. */
    pathMatches(page, path) {
      if (!ready) start();
      return glue.m(page, path);
    },
  };
}
