// The jar in places that are no ordinary page: frames, data: and blank pages, workers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, newContext, open } from "./support/browser.mjs";
import { page as answer, serve } from "./support/server.mjs";

/** What a worker does with an entry, which its address names. */
const WORKER = `
  const { cookies, createCookies, defineCookie, session, CookieError, SessionError } = await import(new URLSearchParams(location.search).get("entry"));
  const code = (call) => {
    try { return call(); } catch (error) { return error instanceof CookieError && error.code; }
  };
  const stops = [cookies.subscribe(() => {}), session.subscribe(() => {})];
  const failure = await session.get("a").catch((error) => error);
  for (const stop of stops) stop();
  postMessage({
    reads: [cookies.get("a") ?? null, cookies.has("a"), Object.keys(cookies.getAll()), cookies.getAll("a"), session.state().active],
    writes: [() => cookies.set("a", "1"), () => cookies.remove("a"), () => defineCookie({ name: "a" }).set("1")].map(code),
    cleared: cookies.clear(),
    checks: [cookies.check("a", "1").ok, cookies.check("a b", "1").code],
    header: createCookies("a=%20b").get("a"),
    session: [failure instanceof SessionError, failure.code],
  });
`;

const server = await serve({
  routes: {
    "/worker.js": (_, response) => response.setHeader("Content-Type", "text/javascript").end(WORKER),
    "/sandbox": (_, response) => answer(response, '<iframe sandbox="allow-scripts" src="/inner"></iframe>'),
  },
  // A sandboxed frame imports modules from an opaque origin.
  headers: { "Access-Control-Allow-Origin": "*" },
});
const URL_ = server.at() + "/app/page";

test("pages without cookies: one typed error for reads and writes", async () => {
  const page = await open(server.at() + "/sandbox", { entry: null });
  const sandboxed = page.frames()[1];
  await load(sandboxed);
  const codes = (frame) => frame.evaluate(() => [() => twinjar.cookies.get("a"), () => twinjar.cookies.set("a", "1"), () => twinjar.cookies.remove("a")].map((call) => outcome(call).code));
  assert.deepEqual(await codes(sandboxed), ["access_denied", "access_denied", "access_denied"]);
  assert.equal(await sandboxed.evaluate(() => twinjar.cookies.check("a", "1").code), "access_denied");

  const data = await open("data:text/html,x", { entry: server.at() + "/pkg/index.js" });
  assert.deepEqual(await codes(data), ["access_denied", "access_denied", "access_denied"]);
});

test("about:blank and srcdoc frames have their maker's cookies", async () => {
  const page = await open(URL_);
  await page.evaluate(() => {
    const frames = [document.createElement("iframe"), Object.assign(document.createElement("iframe"), { srcdoc: "x" })];
    const loads = frames.map((frame) => new Promise((loaded) => frame.addEventListener("load", loaded)));
    document.body.append(...frames);
    return Promise.all(loads).then(() => {});
  });
  const [, blank, srcdoc] = page.frames();
  for (const frame of [blank, srcdoc]) {
    await load(frame, server.at() + "/pkg/index.js");
    assert.equal(await frame.evaluate(() => twinjar.cookies.set("a", "1")), "stored", frame.url());
    assert.equal(await page.evaluate(() => twinjar.cookies.get("a")), "1");
    await page.evaluate(() => twinjar.cookies.remove("a"));
  }
});

for (const entry of ["index.js", "fetch.js"]) {
  test(`a worker has no document: ${entry} is imported, reads as an empty jar and writes nothing`, async () => {
    const page = await open(URL_);
    const answers = await page.evaluate(
      (entry) =>
        new Promise((resolve, reject) => {
          document.cookie = "a=1; Path=/";
          const worker = new Worker(`/worker.js?entry=/pkg/${entry}`, { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
      entry,
    );
    assert.deepEqual(answers, {
      reads: [null, false, [], [], false],
      writes: ["no_document", "no_document", "no_document"],
      cleared: { removed: [], remaining: [] },
      checks: [true, "name_invalid"],
      header: " b",
      // The server answers with an empty page.
      session: [true, "malformed_answer"],
    });
  });
}

test("about:blank by itself has no cookies, and says so", async () => {
  const page = await open("about:blank", { entry: server.at() + "/pkg/index.js", context: await newContext() });
  assert.equal(await page.evaluate(() => outcome(() => twinjar.cookies.set("a", "1")).code), "access_denied");
});
