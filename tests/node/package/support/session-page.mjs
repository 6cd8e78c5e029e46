// A page on a server with a session API of its own.

import { open } from "./browser.mjs";
import { serve } from "./server.mjs";
import { createSessionApi } from "./session-server.mjs";

/** A server with a session API of its own, and a page on it. `prefixes` are further parts of the server. */
export async function start({ entry, context, prefixes } = {}) {
  const api = createSessionApi();
  const server = await serve({ prefixes: { "/api/session": api.handle, ...prefixes } });
  const page = await open(server.at() + "/app/page", { entry, context });
  await page.evaluate(() => {
    // What a call resolved to, or the error that it rejected with.
    globalThis.settle = async (promise) => {
      try {
        return { value: await promise };
      } catch (error) {
        return { name: error.name, code: error.code, status: error.status, detail: error.detail, typed: error instanceof twinjar.SessionError };
      }
    };
    globalThis.until = async (condition) => {
      for (let i = 0; i < 100 && !condition(); i++) await new Promise((done) => setTimeout(done, 50));
      return condition();
    };
  });
  return { api, server, page };
}
