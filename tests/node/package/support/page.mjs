// What the tests do in a page, in whatever browser it is.

/** Imports a module into a page or frame as `twinjar`. */
export function load(page, entry = "/pkg/index.js") {
  return page.evaluate(async (entry) => {
    globalThis.twinjar = await import(entry);
    // The outcome of a call: what it returned, or the code of the CookieError that it threw.
    globalThis.outcome = (call) => {
      try {
        return { value: call() };
      } catch (error) {
        if (!(error instanceof twinjar.CookieError)) throw error;
        return { code: error.code, message: error.message };
      }
    };
  }, entry);
}
