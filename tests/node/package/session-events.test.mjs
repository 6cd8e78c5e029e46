// What a page hears of its session: from the server, from other tabs, from the companion cookie.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newContext, open } from "./support/browser.mjs";
import { start } from "./support/session-page.mjs";
import { createSessionApi } from "./support/session-server.mjs";

/** Waits until the server's state is so. */
async function eventually(condition) {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((done) => setTimeout(done, 50));
  assert.ok(condition(), String(condition));
}

const listen = (page) =>
  page.evaluate(() => {
    globalThis.events = [];
    globalThis.stop = twinjar.session.subscribe((event) => events.push(event));
  });

test("events of the server are heard, and the stream is opened again", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("a", 1));
  // First an answer that EventSource does not try again.
  api.faults.push(({ response, problem }) => problem(response, 503, "store_unavailable"));
  await listen(page);
  await eventually(() => api.streams.size === 1);
  api.tell("changed", { revision: 2 });
  api.tell("expiring", { expiresAt: 5 });
  assert.ok(await page.evaluate(() => until(() => events.length === 2)));
  assert.deepEqual(await page.evaluate(() => events), [{ type: "changed", revision: 2 }, { type: "expiring", expiresAt: 5 }]);
  await page.evaluate(() => stop());
  await eventually(() => api.streams.size === 0);
});

test("a stream that the server drops is taken up again, and what changed in between is heard, once", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("a", 1));
  await listen(page);
  await eventually(() => api.streams.size === 1);
  api.changeElsewhere();
  assert.ok(await page.evaluate(() => until(() => events.length === 1)));
  // Once as a server ends that is stopped in order, once as a connection breaks.
  for (const [revision, drop] of [[3, (stream) => stream.end()], [4, (stream) => stream.destroy()]]) {
    for (const stream of api.streams) drop(stream);
    await eventually(() => api.streams.size === 0);
    api.changeElsewhere();
    await eventually(() => api.streams.size === 1);
    assert.ok(await page.evaluate((count) => until(() => events.length === count), revision - 1));
  }
  api.tell("expiring", { expiresAt: 5 });
  assert.ok(await page.evaluate(() => until(() => events.length === 4)));
  const changed = [2, 3, 4].map((revision) => ({ type: "changed", revision }));
  assert.deepEqual(await page.evaluate(() => events), [...changed, { type: "expiring", expiresAt: 5 }]);
});

/** Makes the page believe that it is hidden, or that it is shown again. */
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("a tab that was hidden hears what it has missed, once", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("a", 1));
  await listen(page);
  await eventually(() => api.streams.size === 1);
  await hide(page, true);
  await eventually(() => api.streams.size === 0);
  api.changeElsewhere();
  await hide(page, false);
  assert.ok(await page.evaluate(() => until(() => events.length === 1)));
  await hide(page, true);
  await eventually(() => api.streams.size === 0);
  await hide(page, false);
  await eventually(() => api.streams.size === 1);
  api.tell("expiring", { expiresAt: 5 });
  assert.ok(await page.evaluate(() => until(() => events.length === 2)));
  assert.deepEqual(await page.evaluate(() => events), [{ type: "changed", revision: 2 }, { type: "expiring", expiresAt: 5 }]);
});

test("what the companion cookie tells is heard without a stream, and not again with it", async () => {
  const { api, page } = await start();
  await listen(page);
  await hide(page, true);
  await page.evaluate(() => twinjar.session.set("a", 1));
  assert.ok(await page.evaluate(() => until(() => events.length === 1)));
  await page.evaluate(() => twinjar.session.set("a", 2));
  assert.ok(await page.evaluate(() => until(() => events.length === 2)));
  assert.equal(api.streams.size, 0);
  await hide(page, false);
  await eventually(() => api.streams.size === 1);
  api.tell("changed", { revision: 2 });
  api.tell("changed", { revision: 3 });
  assert.ok(await page.evaluate(() => until(() => events.length === 3)));
  assert.deepEqual(await page.evaluate(() => events), [1, 2, 3].map((revision) => ({ type: "changed", revision })));
});

test("a session ends once, though its companion stays, and the next one is followed", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("a", 1));
  await listen(page);
  await eventually(() => api.streams.size === 1);
  api.tell("ended", { reason: "revoked" });
  assert.ok(await page.evaluate(() => until(() => events.length === 1)));
  await eventually(() => api.streams.size === 0);
  // Each of these has the feed look at the companion cookie.
  await page.evaluate(async () => {
    const seen = new Set();
    twinjar.cookies.subscribe(({ name }) => seen.add(name));
    document.cookie = "other=1; Path=/";
    await until(() => seen.has("other"));
    document.cookie = "__Host-session-state=; Path=/; Secure; Max-Age=0";
    await until(() => seen.has("__Host-session-state"));
  });
  assert.equal(api.streams.size, 0);
  api.session = undefined;
  await page.evaluate(() => twinjar.session.set("a", 1));
  assert.ok(await page.evaluate(() => until(() => events.length === 2)));
  await eventually(() => api.streams.size === 1);
  assert.deepEqual(await page.evaluate(() => events), [{ type: "ended", reason: "revoked" }, { type: "changed", revision: 1 }]);
});

test("the end of one session is none of another on the same host", async () => {
  const shop = createSessionApi({ base: "/shop/session", state: "__Host-shop-state", name: "shop", token: "c2hvcA" });
  const context = await newContext();
  const { api, server, page: one } = await start({ context, entry: "/pkg/session.js", prefixes: { "/shop/session": shop.handle } });
  const two = await open(server.at() + "/app/page", { context, entry: "/pkg/session.js" });
  for (const page of [one, two]) {
    await page.evaluate(async () => {
      const { session, createSession } = twinjar;
      globalThis.shop = createSession({ baseUrl: "/shop/session", companion: "__Host-shop-state" });
      await session.set("a", 1);
      await shop.set("a", 1);
      globalThis.heard = { mine: [], theirs: [] };
      session.subscribe(({ type }) => heard.mine.push(type));
      shop.subscribe(({ type }) => heard.theirs.push(type));
    });
  }
  await eventually(() => api.streams.size > 0 && shop.streams.size > 0);
  await one.evaluate(() => twinjar.session.destroy());
  for (const page of [one, two]) await page.waitForFunction(() => heard.mine.includes("ended"));
  for (const page of [one, two]) assert.ok(!(await page.evaluate(() => heard.theirs.includes("ended"))));
  await one.evaluate(() => shop.destroy());
  for (const page of [one, two]) {
    await page.waitForFunction(() => heard.theirs.includes("ended"));
    const counts = await page.evaluate(() => [heard.mine, heard.theirs].map((types) => types.filter((type) => type === "ended").length));
    assert.deepEqual(counts, [1, 1]);
  }
});

test("a logout closes every tab at once", async () => {
  const context = await newContext();
  const { api, server, page: one } = await start({ context });
  const two = await open(server.at() + "/app/page", { context });
  await one.evaluate(() => twinjar.session.set("a", 1));
  await listen(one);
  await listen(two);
  await eventually(() => api.streams.size > 0);
  await one.evaluate(() => twinjar.session.destroy());
  const ended = [{ type: "ended" }];
  await two.waitForFunction(() => events.length > 0);
  assert.deepEqual(await two.evaluate(() => events), ended);
  assert.deepEqual(await one.evaluate(() => events), ended);
});
