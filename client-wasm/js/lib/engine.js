// The wasm module's two functions, loaded at their first use: importing the package costs nothing.

import * as glue from "./glue.js";
import { CookieError } from "./error.js";

/**
 * @param {() => BufferSource | WebAssembly.Module} load gives the module, at the first use
 */
export function createEngine(load) {
  let ready = false;

  function start() {
    let instance;
    try {
      const source = load();
      const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
      instance = new WebAssembly.Instance(module, { "./twinjar_bg.js": glue });
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
    /** The line for `document.cookie`; throws a CookieError where the rules forbid the cookie. */
    line(name, value, domain, path, maxAge, expires, flags) {
      if (!ready) start();
      const line = glue.w(name, value, domain, path, maxAge, expires, flags);
      const end = line.indexOf("\n");
      if (end > 0) throw new CookieError(line.slice(0, end), line.slice(end + 1));
      return line;
    },
  };
}
