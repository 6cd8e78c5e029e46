// Chromium, headless, one for a test file. Every page of a test has a jar of its own.

import { accessSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? find(NAMES),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    // A page of an opaque origin may load the package from this machine.
    "--disable-features=LocalNetworkAccessChecks",
    // Names for tests that need another host than this machine's own: plain http there is not trustworthy.
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP *.github.io 127.0.0.1",
  ],
});
after(() => browser.close());

/** A page with an empty jar, opened at the address, with the package's entry as `twinjar` in its global scope. */
export async function open(url, { entry = "/pkg/index.js", context } = {}) {
  context ??= await newContext();
  const page = await context.newPage();
  await page.goto(url);
  if (entry) await load(page, entry);
  return page;
}

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

/** A fresh jar, shared by the pages that are opened in it. It is closed with the browser. */
export function newContext(options) {
  return browser.newContext(options);
}

function find(names) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      const program = join(folder, name);
      try {
        accessSync(program);
        return program;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(`none of ${names.join(", ")} is on the search path: install Chromium, or name it in CHROMIUM`);
}
