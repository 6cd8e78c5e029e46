// What browsers do without a word: for each rule, what Chromium does with the bare line, and what the package says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, newContext, open } from "./support/browser.mjs";
import { CHANGED, DROPPED, INSECURE, LOCAL, PREFIXED_REMOVED, removePrefixed, server } from "./support/rows.mjs";

for (const [row, url, line, call, code] of DROPPED) {
  test(`dropped: ${row}`, async () => {
    const page = await open(url);
    const [before, after] = await page.evaluate((line) => [document.cookie, ((document.cookie = line), document.cookie)], line);
    assert.deepEqual([before, after], ["", ""], "Chromium drops the bare line");

    const set = await page.evaluate((call) => outcome(() => twinjar.cookies.set(...call)), call);
    assert.equal(set.code, code);
    assert.match(set.message, /^[A-Z].*\.$/, "a sentence");
    assert.equal(await page.evaluate(() => document.cookie), "");
    // All but the list of public suffixes is known before the write.
    const check = await page.evaluate((call) => twinjar.cookies.check(...call), call);
    if (row !== "a public suffix as Domain") assert.deepEqual([check.ok, check.code], [false, code]);
  });
}

test("dropped: an HttpOnly cookie has the name", async () => {
  const page = await open(LOCAL);
  await page.evaluate(() => fetch("/http-only"));
  assert.equal(await page.evaluate(() => ((document.cookie = "sid=2; Path=/"), document.cookie)), "");
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.value, "1", "Chromium keeps the HttpOnly cookie");

  const { code } = await page.evaluate(() => outcome(() => twinjar.cookies.set("sid", "2")));
  assert.equal(code, "http_only_overwrite");
  assert.equal((await page.context().cookies()).length, 1, "nothing else is left behind");
  // The rules alone cannot know.
  assert.equal(await page.evaluate(() => twinjar.cookies.check("sid", "2").ok), true);
});

test("dropped: an HttpOnly cookie has the name and the domain", async () => {
  const context = await newContext();
  await context.addCookies([{ name: "a", value: "1", domain: ".shop.localhost", path: "/", httpOnly: true }]);
  const page = await open(server.at("shop.localhost"), { context });
  const { code } = await page.evaluate(() => outcome(() => twinjar.cookies.set("a", "2", { domain: "shop.localhost" })));
  assert.equal(code, "http_only_overwrite");
});

for (const [count, expected] of [[149, "http_only_overwrite"], [150, "dropped"], [179, "dropped"]]) {
  test(`dropped: an HttpOnly cookie has the name, beside ${count} cookies that stay`, async () => {
    const page = await open(LOCAL);
    const result = await page.evaluate(async (count) => {
      await fetch("/http-only");
      for (let i = 0; i < count; i++) document.cookie = `c${i}=${i}; Path=/`;
      const { code } = outcome(() => twinjar.cookies.set("sid", "2"));
      return { code, shown: document.cookie.split("; ").length };
    }, count);
    assert.deepEqual(result, { code: expected, shown: count });
    assert.equal((await page.context().cookies()).length, count + 1);
  });
}

for (const [what, attribute] of [["a Secure", "secure"], ["an HttpOnly", "httpOnly"]]) {
  test(`dropped: plain http meets ${what} cookie, and cannot tell it from the other`, async () => {
    const context = await newContext();
    await context.addCookies([{ name: "a", value: "1", domain: "shop.example", path: "/", [attribute]: true }]);
    const page = await open(INSECURE, { context });
    assert.equal(await page.evaluate(() => ((document.cookie = "a=2; Path=/"), document.cookie)), "");

    const { code, message } = await page.evaluate(() => outcome(() => twinjar.cookies.set("a", "2")));
    assert.equal(code, "dropped");
    assert.match(message, /^[A-Z].*\.$/, "a sentence");
    assert.deepEqual((await context.cookies()).map(({ value }) => value), ["1"]);
  });
}

test("on localhost, without https, names with a prefix are removed", async () => {
  const page = await open(LOCAL);
  assert.deepEqual(await page.evaluate(removePrefixed), PREFIXED_REMOVED);
});

test("dropped: cookies are switched off", async () => {
  const page = await open(LOCAL);
  const client = await page.context().newCDPSession(page);
  await client.send("Emulation.setDocumentCookieDisabled", { disabled: true });
  await page.reload();
  await load(page);
  assert.equal(await page.evaluate(() => ((document.cookie = "a=1"), document.cookie)), "");

  const { code } = await page.evaluate(() => outcome(() => twinjar.cookies.set("a", "1")));
  assert.equal(code, "cookies_disabled");
});

/** A frame of this address in a page of another one. */
async function openFrame(outer, inner, context) {
  const page = await open(outer, { entry: null, context });
  await page.evaluate((url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    document.body.append(frame);
    return new Promise((loaded) => (frame.onload = loaded));
  }, inner);
  const frame = page.frames()[1];
  await load(frame);
  return frame;
}

test("dropped: an HttpOnly cookie has the name, in a frame of the same site", async () => {
  const context = await newContext();
  await context.addCookies([{ name: "a", value: "1", domain: "one.shop.localhost", path: "/", httpOnly: true }]);
  const frame = await openFrame(server.at("two.shop.localhost"), server.at("one.shop.localhost"), context);
  const outcomes = await frame.evaluate(() => ["a", "b"].map((name) => outcome(() => twinjar.cookies.set(name, "2"))));
  assert.deepEqual([outcomes[0].code, outcomes[1].value], ["http_only_overwrite", "stored"]);
});

test("dropped: a Lax cookie in a frame of another site", async () => {
  const frame = await openFrame(server.at("shop.example"), server.at("bank.example"));
  assert.equal(await frame.evaluate(() => ((document.cookie = "a=1; SameSite=Lax"), document.cookie)), "");

  const { code } = await frame.evaluate(() => outcome(() => twinjar.cookies.set("a", "1")));
  assert.equal(code, "cross_site");
});

for (const [row, line, stored, call, code] of CHANGED) {
  test(`stored otherwise: ${row}`, async () => {
    const page = await open(LOCAL);
    await page.evaluate((line) => (document.cookie = line), line);
    const [cookie] = await page.context().cookies();
    for (const [field, value] of Object.entries(stored)) assert.equal(cookie[field], value, field);
    await page.context().clearCookies();

    const set = await page.evaluate((call) => outcome(() => twinjar.cookies.set(...call)), call);
    assert.equal(set.code, code);
    assert.deepEqual(await page.context().cookies(), []);
  });
}

test("stored otherwise: a lifetime over 400 days is cut, and the check says so", async () => {
  const page = await open(LOCAL);
  const days = (await page.evaluate(() => Date.now())) / 86_400_000;
  const options = { maxAge: 500 * 86_400 };
  assert.deepEqual(await page.evaluate((o) => outcome(() => twinjar.cookies.set("a", "b", o)), options), { value: "stored" });
  const [cookie] = await page.context().cookies();
  assert.ok(Math.abs(cookie.expires / 86_400 - days - 400) < 0.01, `${cookie.expires}`);

  const check = await page.evaluate((o) => twinjar.cookies.check("a", "b", o), options);
  assert.deepEqual([check.ok, check.notes.map((note) => note.code)], [true, ["lifetime_clamped"]]);
  const byDate = await page.evaluate(() => twinjar.cookies.check("a", "b", { expires: Date.now() + 401 * 86_400_000 }));
  assert.deepEqual(byDate.notes.map((note) => note.code), ["lifetime_clamped"]);
});

test("stored out of sight: a path elsewhere is unverifiable", async () => {
  const page = await open(LOCAL);
  const options = { path: "/shop" };
  assert.deepEqual(await page.evaluate((o) => outcome(() => twinjar.cookies.set("a", "b", o)), options), { value: "unverifiable" });
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.equal((await page.context().cookies())[0].path, "/shop");
  const check = await page.evaluate((o) => twinjar.cookies.check("a", "b", o), options);
  assert.deepEqual(check.notes.map((note) => note.code), ["path_elsewhere"]);

  // Chromium goes by the address that the page was loaded from.
  const moved = await open(server.at() + "/app/page", { entry: null });
  await moved.evaluate(() => history.pushState({}, "", "/shop/cart"));
  await load(moved);
  assert.equal(await moved.evaluate(() => ((document.cookie = "b=1; Path=/shop"), document.cookie)), "");
  assert.deepEqual(await moved.evaluate((o) => outcome(() => twinjar.cookies.set("a", "b", o)), options), { value: "unverifiable" });
});

test("lost later: the 181st cookie evicts others, and reads stay true", async () => {
  const page = await open(LOCAL);
  const result = await page.evaluate(() => {
    const outcomes = [];
    for (let i = 0; i < 200; i++) outcomes.push(twinjar.cookies.set(`c${i}`, String(i)));
    const all = twinjar.cookies.getAll();
    return {
      stored: outcomes.every((outcome) => outcome === "stored"),
      kept: Object.keys(all).length,
      first: twinjar.cookies.has("c0"),
      last: twinjar.cookies.get("c199"),
      same: document.cookie.split("; ").length,
    };
  });
  assert.ok(result.stored && result.kept < 200 && result.kept >= 150, JSON.stringify(result));
  assert.deepEqual([result.first, result.last, result.kept], [false, "199", result.same]);
});

test("a lone surrogate makes Chromium's jar unreadable, so it is refused", async () => {
  const page = await open(LOCAL);
  const refused = await page.evaluate(() => ["\ud800", "a\udc00b"].map((value) => outcome(() => twinjar.cookies.set("a", value)).code));
  assert.deepEqual(refused, ["lone_surrogate", "lone_surrogate"]);
  const raw = await page.evaluate(() => outcome(() => twinjar.cookies.set("a", "\ud800", { raw: true })).code);
  assert.equal(raw, "lone_surrogate");
  const name = await page.evaluate(() => outcome(() => twinjar.cookies.set("\ud800", "a")).code);
  assert.equal(name, "name_invalid");
  assert.equal(await page.evaluate(() => document.cookie), "");
  const bare = await page.evaluate(() => ((document.cookie = "b=1"), (document.cookie = "a=\ud800"), document.cookie));
  assert.equal(bare, "", "Chromium shows no cookie at all any more");
  assert.deepEqual(await page.evaluate(() => ({ ...twinjar.cookies.getAll() })), {});
});
