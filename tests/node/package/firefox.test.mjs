// The same rows and entries in Firefox, which keeps some cookies that Chromium drops: the package says the same in both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, newContext, open } from "./support/firefox.mjs";
import { CHANGED, DROPPED, INSECURE, LOCAL, PREFIXED_REMOVED, removePrefixed, server } from "./support/rows.mjs";
import { serve } from "./support/server.mjs";

/** What Firefox stores of lines that Chromium drops. */
const KEPT = { "a TAB": "a=b\tc" };

/** Runs a write through the package; its value or its code. */
const set = (page, ...call) => page.evaluate((call) => outcome(() => twinjar.cookies.set(...call)), call);
const bare = (page, line) => page.evaluate((line) => ((document.cookie = line), document.cookie), line);

async function clear(page) {
  const cookies = await page.browserContext().cookies();
  if (cookies.length) await page.browserContext().deleteCookie(...cookies);
}

for (const [row, url, line, call, code] of DROPPED) {
  const kept = KEPT[row] ?? "";
  test(`${kept ? "kept, and refused all the same" : "dropped"}: ${row}`, async () => {
    const page = await open(url);
    assert.equal(await bare(page, line), kept);
    await clear(page);

    const { code: told, message } = await set(page, ...call);
    assert.equal(told, code);
    assert.match(message, /^[A-Z].*\.$/, "a sentence");
    assert.equal(await page.evaluate(() => document.cookie), "");
  });
}

for (const [row, line, stored, call, code] of CHANGED) {
  test(`stored otherwise: ${row}`, async () => {
    const page = await open(LOCAL);
    await bare(page, line);
    const [cookie] = await page.browserContext().cookies();
    // Firefox takes no SameSite for none at all, not for Lax.
    const wanted = stored.sameSite ? { sameSite: "Default" } : stored;
    for (const [field, value] of Object.entries(wanted)) assert.equal(cookie[field], value, field);
    await clear(page);

    assert.equal((await set(page, ...call)).code, code);
    assert.deepEqual(await page.browserContext().cookies(), []);
  });
}

test("dropped: an HttpOnly cookie has the name", async () => {
  const page = await open(LOCAL);
  await page.evaluate(async () => void (await fetch("/http-only")));
  assert.equal(await bare(page, "sid=2; Path=/"), "");
  assert.equal((await set(page, "sid", "2")).code, "http_only_overwrite");
  assert.deepEqual((await page.browserContext().cookies()).map(({ value }) => value), ["1"]);
});

test("dropped: plain http meets a Secure cookie", async () => {
  const context = await newContext();
  await context.setCookie({ name: "a", value: "1", domain: "shop.example", path: "/", secure: true, httpOnly: false });
  const page = await open(INSECURE, { context });
  assert.equal(await bare(page, "a=2; Path=/"), "");
  assert.equal((await set(page, "a", "2")).code, "dropped");
});

test("on localhost, without https, names with a prefix are removed", async () => {
  const page = await open(LOCAL);
  assert.deepEqual(await page.evaluate(removePrefixed), PREFIXED_REMOVED);
});

test("dropped: a Lax cookie in a frame of another site, but not one without SameSite", async () => {
  const page = await open(server.at("shop.example"), { entry: null });
  const frame = await embed(page, { src: server.at("bank.example") });
  await load(frame);
  assert.equal(await bare(frame, "a=1; SameSite=Lax"), "");
  assert.equal((await set(frame, "a", "1")).code, "cross_site");
  assert.equal(await bare(frame, "b=1"), "b=1");
});

test("a lifetime over 400 days is cut", async () => {
  const page = await open(LOCAL);
  assert.equal((await set(page, "a", "b", { maxAge: 500 * 86_400 })).value, "stored");
  const [{ expires }] = await page.browserContext().cookies();
  assert.ok(Math.abs((expires - Date.now() / 1000) / 86_400 - 400) < 0.01, `${expires}`);
});

test("a path elsewhere is unverifiable, and counted from the address that was loaded", async () => {
  const page = await open(server.at() + "/app/page", { entry: null });
  await page.evaluate(() => history.pushState({}, "", "/shop/cart"));
  await load(page);
  assert.equal(await bare(page, "b=1; Path=/shop"), "");
  assert.equal((await set(page, "a", "b", { path: "/shop" })).value, "unverifiable");
  assert.equal((await set(page, "c", "d", { path: "/app" })).value, "stored");
});

test("lost later: Firefox evicts cookies some time after the page has seen them stored", async () => {
  const page = await open(LOCAL);
  const outcomes = await page.evaluate(() => {
    const outcomes = new Set();
    for (let i = 0; i < 400; i++) outcomes.add(twinjar.cookies.set(`c${i}`, String(i)));
    return [...outcomes];
  });
  assert.deepEqual(outcomes, ["stored"]);
  const [kept, shown, first, last] = await page.evaluate(async () => {
    for (let i = 0; i < 200 && twinjar.cookies.has("c0"); i++) await new Promise((done) => setTimeout(done, 50));
    const all = twinjar.cookies.getAll();
    return [Object.keys(all).length, document.cookie.split("; ").length, all.c0 ?? null, all.c399];
  });
  assert.deepEqual([shown, first, last], [kept, null, "399"]);
  assert.ok(kept >= 150 && kept < 200, `${kept}`);
});

test("a lone surrogate is refused, although Firefox only changes it", async () => {
  const page = await open(LOCAL);
  for (const value of ["\ud800", "a\udc00b"]) {
    for (const raw of [false, true]) {
      const code = await page.evaluate((units, raw) => outcome(() => twinjar.cookies.set("a", String.fromCharCode(...units), { raw })).code, [...value].map((c) => c.charCodeAt()), raw);
      assert.equal(code, "lone_surrogate");
    }
  }
  await bare(page, "b=1");
  assert.equal(await page.evaluate(() => ((document.cookie = "a=\ud800"), document.cookie)), "b=1; a=\ufffd");
});

test("pages without cookies: one typed error", async () => {
  const shared = await serve({ headers: { "Access-Control-Allow-Origin": "*" } });
  const entry = shared.at() + "/pkg/index.js";
  const codes = (frame) => frame.evaluate(() => [() => twinjar.cookies.get("a"), () => twinjar.cookies.set("a", "1"), () => twinjar.cookies.remove("a")].map((call) => outcome(call).code));
  const page = await open(shared.at(), { entry: null });
  const sandboxed = await embed(page, { src: "/", sandbox: "allow-scripts" });
  await load(sandboxed, entry);
  assert.deepEqual(await codes(sandboxed), ["access_denied", "access_denied", "access_denied"]);
  // A data: page reads as an empty jar in Firefox, without an error.
  assert.deepEqual(await codes(await open("data:text/html,x", { entry })), [undefined, "access_denied", "access_denied"]);
  assert.equal((await set(await open("about:blank", { entry }), "a", "1")).code, "access_denied");

  // A frame without an address of its own has its maker's cookies.
  const srcdoc = await embed(page, { srcdoc: "x" });
  await load(srcdoc, entry);
  assert.equal((await set(srcdoc, "a", "1")).value, "stored");
  assert.equal(await page.evaluate(() => document.cookie), "a=1");
});

test("changes of this page, of scripts, of the server and of another tab are heard", async () => {
  const { at } = await serve({ routes: { "/set": (_, response) => response.setHeader("Set-Cookie", "server=1; Path=/").end() } });
  const context = await newContext();
  const page = await open(at(), { context });
  const tab = await open(at(), { context });
  await page.bringToFront();
  await page.evaluate(() => {
    globalThis.heard = [];
    twinjar.cookies.subscribe(({ name, value }) => heard.push(`${name}=${value}`));
    twinjar.cookies.set("own", "1");
    document.cookie = "script=1; path=/";
    return fetch("/set").then(() => undefined);
  });
  await tab.evaluate(() => void twinjar.cookies.set("tab", "1"));
  await tab.evaluate(() => void twinjar.cookies.remove("own"));
  const wanted = ["own=1", "own=undefined", "script=1", "server=1", "tab=1"];
  const heard = await page.evaluate(async (count) => {
    for (let i = 0; i < 200 && heard.length < count; i++) await new Promise((done) => setTimeout(done, 50));
    return heard.sort();
  }, wanted.length);
  assert.deepEqual(heard, wanted);
});

/** Adds a frame with these attributes to a page, and gives it. */
async function embed(page, attributes) {
  const before = page.frames().length;
  await page.evaluate(async (attributes) => {
    const frame = document.createElement("iframe");
    for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
    const loaded = new Promise((loaded) => (frame.onload = () => loaded()));
    document.body.append(frame);
    await loaded;
  }, attributes);
  return page.frames()[before];
}
