// The change feed: over the Cookie Store where there is one, else by polling, and in two tabs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, newContext, open } from "./support/browser.mjs";
import { serve } from "./support/server.mjs";

const server = await serve({
  routes: {
    "/set": (request, response) => response.setHeader("Set-Cookie", new URL(request.url, "http://x").searchParams.getAll("c")).end(),
  },
});
const URL_ = server.at() + "/app/page";

/** Both ways to hear of changes: the second page has no Cookie Store. */
const WAYS = [
  ["Cookie Store", () => {}],
  ["polling", () => Object.defineProperty(globalThis, "cookieStore", { value: undefined })],
];

for (const [way, prepare] of WAYS) {
  async function openPage(context) {
    context ??= await newContext();
    const page = await context.newPage();
    await page.addInitScript(prepare);
    await page.goto(URL_);
    await load(page);
    return page;
  }
  /** Collects changes in `heard`; `until(n)` waits for so many. */
  const listen = (page) =>
    page.evaluate(() => {
      globalThis.heard = [];
      globalThis.stop = twinjar.cookies.subscribe((change) => heard.push(change));
      globalThis.until = async (count) => {
        for (let i = 0; i < 100 && heard.length < count; i++) await new Promise((done) => setTimeout(done, 50));
        return heard.splice(0);
      };
    });

  test(`${way}: own, foreign and the server's changes are heard`, async () => {
    const page = await openPage();
    await page.evaluate(() => twinjar.cookies.set("old", "0"));
    await listen(page);
    const steps = [
      ["its own write", () => twinjar.cookies.set("a", "x y"), { name: "a", value: "x y", previous: undefined }],
      ["another script's write", () => void (document.cookie = "a=2; Path=/"), { name: "a", value: "2", previous: "x y" }],
      ["the server's write", () => fetch("/set?c=b=3;Path=/"), { name: "b", value: "3", previous: undefined }],
      ["a removal", () => twinjar.cookies.remove("a"), { name: "a", value: undefined, previous: "2" }],
    ];
    for (const [step, act, change] of steps) {
      await page.evaluate(`(${act})()`);
      assert.deepEqual(await page.evaluate(() => until(1)), [change], step);
    }
  });

  test(`${way}: another tab's changes are heard`, async () => {
    const context = await newContext();
    const [one, two] = [await openPage(context), await openPage(context)];
    await one.bringToFront();
    await listen(one);
    await listen(two);
    await two.evaluate(() => twinjar.cookies.set("a", "1"));
    assert.deepEqual(await one.evaluate(() => until(1)), [{ name: "a", value: "1", previous: undefined }]);
  });

  test(`${way}: a subscription that ended hears nothing more, the others do`, async () => {
    const page = await openPage();
    await listen(page);
    const counts = await page.evaluate(async () => {
      let one = 0;
      const stopOne = twinjar.cookies.subscribe(() => one++);
      const failing = twinjar.cookies.subscribe(() => {
        throw new Error("a listener's own error");
      });
      const errors = [];
      addEventListener("error", (event) => (event.preventDefault(), errors.push(event.message)));
      twinjar.cookies.set("a", "1");
      await until(1);
      const afterFirst = one;
      failing();
      stopOne();
      stopOne();
      twinjar.cookies.set("a", "2");
      await until(1);
      stop();
      twinjar.cookies.set("a", "3");
      await new Promise((done) => setTimeout(done, 500));
      return [afterFirst, one, heard.length, errors.length];
    });
    assert.deepEqual(counts, [1, 1, 0, 1]);
  });

  test(`${way}: a defined cookie hears its own values alone`, async () => {
    const page = await openPage();
    const values = await page.evaluate(async () => {
      const count = twinjar.defineCookie({ name: "count", codec: "number" });
      const values = [];
      count.subscribe((value) => values.push(value ?? null));
      const wait = async (n) => { for (let i = 0; i < 100 && values.length < n; i++) await new Promise((done) => setTimeout(done, 50)); };
      twinjar.cookies.set("other", "1");
      count.set(1);
      await wait(1);
      document.cookie = "count=no number; Path=/";
      await wait(2);
      count.set(3);
      await wait(3);
      return values;
    });
    assert.deepEqual(values, [1, null, 3]);
  });
}

/** Runs in a page: takes its Cookie Store away, and counts its reads of document.cookie. */
function countReads() {
  Object.defineProperty(globalThis, "cookieStore", { value: undefined });
  globalThis.reads = 0;
  const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(document, "cookie", { get: () => (reads++, get.call(document)), set: (line) => set.call(document, line) });
}

/** A page that polls, counts its reads, and whose time passes when the test says so. */
async function openPaused(context) {
  const page = await context.newPage();
  await page.addInitScript(countReads);
  await page.clock.install();
  await page.goto(URL_);
  await load(page);
  await page.clock.pauseAt(Date.now() + 3_600_000);
  return page;
}

test("a tab that only writes wakes the tabs that poll, once for all that it writes at the same time", async () => {
  const context = await newContext();
  const page = await openPaused(context);
  await page.evaluate(() => {
    globalThis.heard = [];
    globalThis.news = 0;
    new BroadcastChannel("twinjar:cookies").onmessage = () => news++;
    twinjar.cookies.subscribe(({ name }) => heard.push(name));
  });
  // By then it looks every five seconds.
  await page.clock.runFor(60_000);
  const writer = await context.newPage();
  await writer.addInitScript(countReads);
  await writer.goto(URL_);
  await load(writer);
  await writer.evaluate(() => {
    twinjar.cookies.set("a", "1");
    twinjar.cookies.withDefaults({ path: "/app" }).set("b", "1");
    twinjar.cookies.remove("c");
  });
  const told = async (count) => {
    for (let i = 0; i < 100 && (await page.evaluate(() => news)) < count; i++) await new Promise((done) => setTimeout(done, 50));
    return page.evaluate(() => news);
  };
  assert.equal(await told(1), 1);
  // The poller's own channel may have the message a task later. It is woken long before it would look by itself.
  const isHeard = () => page.evaluate(() => heard.length === 2);
  for (let i = 0; i < 20 && !(await isHeard()); i++) await page.clock.runFor(150);
  assert.deepEqual((await page.evaluate(() => heard)).sort(), ["a", "b"]);
  await writer.evaluate(() => twinjar.cookies.clear());
  assert.equal(await told(2), 2);
});

test("where a Cookie Store tells of writes, no tab does", async () => {
  const page = await open(URL_);
  const told = await page.evaluate(async () => {
    const heard = [];
    new BroadcastChannel("twinjar:cookies").onmessage = ({ data }) => heard.push(data);
    twinjar.cookies.set("a", "1");
    await new Promise((done) => setTimeout(done, 100));
    // Messages come in the order of their sending.
    new BroadcastChannel("twinjar:cookies").postMessage("end");
    for (let i = 0; i < 100 && !heard.length; i++) await new Promise((done) => setTimeout(done, 50));
    return heard;
  });
  assert.deepEqual(told, ["end"]);
});

test("one watcher polls for all subscribers and jars", async () => {
  const page = await openPaused(await newContext());
  const reads = [];
  for (const subscribers of [1, 20]) {
    await page.evaluate((subscribers) => {
      const jars = [twinjar.cookies, twinjar.cookies.withDefaults({ path: "/app" })];
      globalThis.stops = Array.from({ length: subscribers }, (_, i) => jars[i % 2].subscribe(() => {}));
      reads = 0;
    }, subscribers);
    await page.clock.runFor(10_000);
    await page.evaluate(() => stops.forEach((stop) => stop()));
    reads.push(await page.evaluate(() => reads));
    await page.clock.runFor(10_000);
    assert.equal(await page.evaluate(() => reads), reads.at(-1), "it looks for nobody");
  }
  assert.ok(reads[0] > 3 && reads[0] < 20, `${reads}`);
  assert.equal(reads[1], reads[0]);
});

test("one watcher serves all subscribers and jars", async () => {
  const page = await open(URL_);
  const counts = await page.evaluate(() => {
    let listening = 0;
    const { addEventListener: add, removeEventListener: remove } = cookieStore;
    cookieStore.addEventListener = (...a) => (listening++, add.apply(cookieStore, a));
    cookieStore.removeEventListener = (...a) => (listening--, remove.apply(cookieStore, a));
    const jars = [twinjar.cookies, twinjar.cookies.withDefaults({ path: "/app" })];
    const stops = Array.from({ length: 20 }, (_, i) => jars[i % 2].subscribe(() => {}));
    const during = listening;
    for (const stop of stops) stop();
    return [during, listening];
  });
  assert.deepEqual(counts, [1, 0]);
});

test("polling ends with a listener that ends its own subscription", async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.addInitScript(countReads);
  await page.goto(URL_);
  await load(page);
  const [heard, before, after, again] = await page.evaluate(async () => {
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    let heard = 0;
    const stop = twinjar.cookies.subscribe(() => {
      heard++;
      stop();
    });
    document.cookie = "a=1; Path=/";
    for (let i = 0; i < 100 && !heard; i++) await wait(50);
    const before = reads;
    await wait(600);
    const after = reads;
    const stopNext = twinjar.cookies.subscribe(() => {});
    await wait(600);
    stopNext();
    return [heard, before, after, reads > after];
  });
  assert.deepEqual([heard, after - before, again], [1, 0, true]);
});

test("polling slows down while nothing happens, and stops in a hidden tab", async () => {
  const page = await openPaused(await newContext());
  await page.evaluate(() => {
    globalThis.hiddenNow = false;
    Object.defineProperty(document, "hidden", { get: () => hiddenNow });
  });
  /** How often the cookies are read while so much of the page's time passes. */
  const during = async (ms) => {
    const before = await page.evaluate(() => reads);
    await page.clock.runFor(ms);
    return (await page.evaluate(() => reads)) - before;
  };
  const show = (visible) =>
    page.evaluate((visible) => {
      hiddenNow = !visible;
      document.dispatchEvent(new Event("visibilitychange"));
    }, visible);
  await page.evaluate(() => {
    globalThis.heard = 0;
    twinjar.cookies.subscribe(() => heard++);
  });
  // After 100 ms, then each time half as long again, up to five seconds.
  assert.deepEqual([await during(1000), await during(1000), await during(60_000)], [4, 1, 15]);
  await show(false);
  assert.equal(await during(60_000), 0, "it looks in a hidden tab");
  await page.evaluate(() => twinjar.cookies.set("a", "1"));
  await show(true);
  await during(100);
  assert.equal(await page.evaluate(() => heard), 1);
});
