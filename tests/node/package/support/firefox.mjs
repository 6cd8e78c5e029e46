// Firefox, headless, one for a test file: `browser.mjs` has the same for Chromium. Every page of a test has a jar of its
// own.

import { after } from "node:test";
import puppeteer from "puppeteer-core";
import { load } from "./page.mjs";
import { program } from "./program.mjs";

export { load };

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: program("FIREFOX", ["firefox-esr", "firefox"]),
  defaultViewport: null,
  extraPrefsFirefox: {
    // Names for tests that need another host than this machine's own: plain http there is not trustworthy.
    "network.dns.localDomains": "shop.example,bank.example,shop.github.io,shop.localhost",
  },
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
export function newContext() {
  return browser.createBrowserContext();
}
