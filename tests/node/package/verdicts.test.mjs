// A jar remembers what the rules have allowed. What it answers from that is what it answers when it asks them anew.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { PACKAGE } from "./support/server.mjs";

const { cookies } = await import(pathToFileURL(join(PACKAGE, "index.js")));

const NAMES = ["", "a", "theme", "a b", "a=b", "ü", "__Host-a", "__secure-a", "__Http-a", "x".repeat(4090), "x".repeat(5000)];
const OPTIONS = [
  {},
  { path: "/app" },
  { raw: true },
  { secure: false },
  { secure: false, raw: true },
  { domain: "shop.example" },
  { sameSite: "none", secure: false },
  { partitioned: true },
  { maxAge: 0 },
  { path: "app" },
];
const PIECES = ["", "b", "1 2", "\t", "\u0001", "\n", ";", "=", ",", '"', "%20", "ü", "🍪", "\ud800", "__Host-", "x".repeat(1360), "ü".repeat(700)];

// xorshift: the same rows in every run.
let state = 0x2545f491;
const pick = (list) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return list[(state >>> 0) % list.length];
};

/** The verdict on the same line, written raw: of raw values nothing is remembered. */
function judgedAnew(name, value, options) {
  const isEncoded = !options.raw && value.isWellFormed();
  return cookies.check(name, isEncoded ? encodeURIComponent(value) : value, { ...options, raw: true });
}

test("a remembered verdict is the one that the rules give anew", () => {
  const seen = new Map();
  for (let row = 0; row < 20_000; row++) {
    const options = pick(OPTIONS);
    const name = pick(NAMES);
    const value = pick(PIECES) + pick(PIECES) + pick(PIECES) + pick(["", "x".repeat(row % 5)]);
    const verdict = cookies.check(name, value, options);
    assert.deepEqual(verdict, judgedAnew(name, value, options), JSON.stringify([name, value, options]));
    seen.set(verdict.code, (seen.get(verdict.code) ?? 0) + 1);
  }
  for (const code of [undefined, "too_large", "host_prefix", "name_invalid", "value_invalid", "name_empty", "lone_surrogate"]) {
    assert.ok(seen.get(code) > 20, `${code}: ${JSON.stringify([...seen])}`);
  }
});

test("the rules are asked once, though every call brings options of its own", (t) => {
  const asked = t.mock.method(TextEncoder.prototype, "encodeInto");
  const questions = [
    { path: "/asked" },
    { path: "/asked", maxAge: 60 },
    { path: "/asked", maxAge: 3600, sameSite: "Lax", secure: true },
    { path: "/asked", maxAge: 0 },
    { path: "/asked", sameSite: "strict" },
    { path: "/asked/below" },
  ].map((options) => {
    const before = asked.mock.callCount();
    for (const value of ["long", "dark", ""]) assert.equal(cookies.check("theme", value, { ...options }).ok, true);
    return asked.mock.callCount() - before;
  });
  // A lifetime is no question of the rules, but whether it is over is one.
  assert.deepEqual(questions, [1, 0, 0, 1, 1, 1]);
});

test("a value of the largest size is allowed, one byte more is not, in whatever order they are asked for", () => {
  const fits = "x".repeat(4096 - "theme".length);
  const jar = cookies.withDefaults({});
  for (const value of ["a", fits, fits + "x", fits, "", fits + "xx", fits]) {
    assert.equal(jar.check("theme", value).code, value.length > fits.length ? "too_large" : undefined);
  }
});

test("a level of SameSite is one of three words, in any letter case", () => {
  assert.equal(cookies.check("a", "b", { sameSite: "STRICT" }).ok, true);
  for (const sameSite of ["constructor", "", "lax ", 1, null, ["lax"], { toLowerCase: "lax" }]) {
    assert.equal(cookies.check("a", "b", { sameSite }).code, "invalid_option", String(sameSite?.toLowerCase ?? sameSite));
  }
});
