// The package where there is no document: in Node, by import and by require.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { PACKAGE } from "./support/server.mjs";

const require = createRequire(import.meta.url);
const imported = (file) => import(pathToFileURL(join(PACKAGE, file)));
const required = (file) => require(join(PACKAGE, file));

const ENTRIES = [
  ["import", await imported("index.js")],
  ["require", required("index.cjs")],
  ["import of ./fetch", await imported("fetch.node.js")],
  ["require of ./fetch", required("lib/fetch.cjs")],
];

for (const [how, { cookies, createCookies, CookieError, defineCookie, session, SessionError }] of ENTRIES) {
  const code = (code) => (error) => error instanceof CookieError && error instanceof Error && error.code === code;

  test(`${how}: reads answer as an empty jar`, () => {
    assert.equal(cookies.get("a"), undefined);
    assert.equal(cookies.has("a"), false);
    assert.deepEqual(Object.keys(cookies.getAll()), []);
    assert.deepEqual(cookies.getAll("a"), []);
    cookies.subscribe(() => {})();
  });

  test(`${how}: writes throw no_document`, () => {
    assert.throws(() => cookies.set("a", "b"), code("no_document"));
    assert.throws(() => cookies.remove("a"), code("no_document"));
    assert.throws(() => defineCookie({ name: "a" }).set("b"), code("no_document"));
    assert.deepEqual(cookies.clear(), { removed: [], remaining: [] });
  });

  test(`${how}: writes are judged as on an https page`, () => {
    assert.deepEqual(cookies.check("__Host-a", "b"), { ok: true, notes: [] });
    assert.equal(cookies.check("a", "x".repeat(5000)).code, "too_large");
    assert.equal(cookies.check("a", "b", { domain: "shop.example" }).ok, true);
  });

  test(`${how}: a request's header is read`, () => {
    const jar = createCookies('a=1; b=%20x; \u00fc=\u{1F36A}; \u{1F36A}=2; a=3; __proto__=p; toString=t; bad=%zz; q="v"; ; =n; e=');
    assert.equal(jar.get("a"), "1");
    assert.deepEqual(jar.getAll("a"), ["1", "3"]);
    assert.equal(jar.get("b"), " x");
    assert.equal(jar.get("\u00fc"), "\u{1F36A}");
    assert.equal(jar.get("\u{1F36A}"), "2");
    assert.equal(jar.get("__proto__"), "p");
    assert.equal(jar.get("toString"), "t");
    assert.equal(jar.get("constructor"), undefined);
    assert.equal(jar.get("bad"), "%zz");
    assert.equal(jar.get("q"), '"v"');
    assert.equal(jar.get("e"), "");
    const all = jar.getAll();
    assert.equal(Object.getPrototypeOf(all), null);
    assert.deepEqual(Object.keys(all), ["a", "b", "\u00fc", "\u{1F36A}", "__proto__", "toString", "bad", "q", "", "e"]);
    all.a = "changed";
    assert.equal(jar.getAll().a, "1", "each record is the caller's own");
    assert.throws(() => jar.set("a", "b"), code("read_only"));
  });

  test(`${how}: no header is an empty jar, and nothing else is one`, () => {
    for (const header of [undefined, null, ""]) assert.deepEqual(Object.keys(createCookies(header).getAll()), []);
    for (const header of [5, {}, ["a=1"]]) assert.throws(() => createCookies(header), code("invalid_header"));
  });

  test(`${how}: jars of several requests do not mix`, () => {
    const [one, two] = [createCookies("a=1"), createCookies("a=2; b=2")];
    assert.deepEqual([one.get("a"), two.get("a"), one.get("b"), one.get("a")], ["1", "2", undefined, "1"]);
  });

  test(`${how}: the session has no state, and its requests fail with a typed error`, async () => {
    assert.equal(session.state().active, false);
    // Node cannot fetch an address without a host.
    await assert.rejects(session.get("a"), (error) => error instanceof SessionError && error.code === "network");
  });

  test(`${how}: a subscription to the session hears nothing, and one without a listener is refused`, async () => {
    const stop = session.subscribe(() => {});
    // By then the client is loaded; what it did wrong would be an unhandled rejection, and fail the test.
    await assert.rejects(session.get("a"));
    stop();
    const refused = (error) => error instanceof SessionError && error.code === "invalid_listener";
    for (const listener of [5, undefined, {}]) assert.throws(() => session.subscribe(listener), refused);
  });
}

test("session: its errors are those of the main entry, by import and by require", async () => {
  for (const [main, { session, createSession, SessionError }] of [
    [await imported("index.js"), await imported("session.js")],
    [required("index.cjs"), required("session.cjs")],
  ]) {
    assert.equal(SessionError, main.SessionError);
    for (const client of [session, createSession()]) {
      await assert.rejects(client.get("a"), (error) => error instanceof main.SessionError && error.code === "network");
      assert.throws(() => client.subscribe(5), (error) => error instanceof main.SessionError && error.code === "invalid_listener");
      client.subscribe(() => {})();
    }
    const error = new SessionError("code", "message", { status: 400, detail: "more", cause: 5 });
    assert.deepEqual([error.code, error.message, error.status, error.detail, error.cause], ["code", "message", 400, "more", 5]);
    assert.ok(!("cause" in new SessionError("code", "message")));
  }
});

test("session: import and require give the same API", async () => {
  const [one, two] = [await imported("session.js"), required("session.cjs")];
  assert.deepEqual(Object.keys(one).sort(), ["SessionError", "createSession", "session"]);
  assert.deepEqual(Object.keys(two).sort(), Object.keys(one).sort());
  assert.equal(one.createSession({ companion: "x" }).state().active, false);
});

test("js-cookie: without a document every call does nothing", async () => {
  for (const Cookies of [(await imported("js-cookie.js")).default, required("js-cookie.cjs")]) {
    assert.equal(Cookies.get("a"), undefined);
    assert.equal(Cookies.get(), undefined);
    assert.equal(Cookies.set("a", "b"), undefined);
    assert.equal(Cookies.remove("a"), undefined);
    assert.deepEqual(Cookies.attributes, { path: "/" });
  }
});

test("every code that the formats give is among the types", async () => {
  const { REASONS, NOTES } = await imported("lib/reasons.js");
  const types = await readFile(join(PACKAGE, "cookies.d.ts"), "utf8");
  const codes = REASONS.split("\n").filter((_, line) => line % 2 === 0);
  const missing = codes.filter((code) => !types.includes(`| "${code}"`));
  assert.deepEqual(missing, []);
  assert.deepEqual(Object.keys(NOTES).filter((code) => !types.includes(`\`${code}\``)), []);
  assert.equal(new Set(codes).size, codes.length);
});
