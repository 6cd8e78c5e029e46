// Chromium, headless, one for a test file. Every page of a test has a jar of its own.

import { after } from "node:test";
import { chromium } from "playwright-core";
import { load } from "./page.mjs";
import { program } from "./program.mjs";

export { load };

const browser = await chromium.launch({
  executablePath: program("CHROMIUM", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]),
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

/** A fresh jar, shared by the pages that are opened in it. It is closed with the browser. */
export function newContext(options) {
  return browser.newContext(options);
}
