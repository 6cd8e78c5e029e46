// twinjar/js-cookie beside js-cookie itself: the same calls on the same jar give the same results.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { newContext } from "./support/browser.mjs";
import { page as answer, serve } from "./support/server.mjs";

const server = await serve({
  folders: { "/original/": fileURLToPath(new URL("node_modules/js-cookie/dist/", import.meta.url)) },
  routes: {
    "/umd": (_, response) =>
      answer(response, "", '<script>Cookies = "theirs"</script><script src="/pkg/js-cookie.umd.js"></script>'),
  },
});

/** Each is run with both libraries, on an empty jar each; what it returns and the jar after it are compared. */
const SCRIPTS = {
  "text of every kind": (C) => ["v", "", " ", '"', '"q"', "a;b,c", "100%", "K\u00f6ln \u{1F36A}", "a=b", "\\", "\t\n", "<>[]{}|^`~"].map((v) => [C.set("c", v), C.get("c")]),
  "values that are no text": (C) => [1234, null, undefined, true, {}, [1, 2], new String("s"), 0].map((v) => [C.set("c", v), C.get("c")]),
  "names of every kind": (C) => ["c", "a b", "a=b", "a;b", "(x)", "K\u00f6ln", "%", "\u{1F36A}", "a%20b", '"', "@"].map((n) => [C.set(n, "v"), C.get(n)]),
  "the first of duplicates": (C) => [C.set("c", "root"), C.set("c", "app", { path: "/app" }), C.get("c"), C.get()],
  "all cookies": (C) => (C.set("a", "1"), C.set("b", " 2"), [C.get(), C.get("a"), C.get("none")]),
  "names that are no text": (C) => (C.set(5, "v"), C.set("true", "w"), [C.get(5), C.get("5"), C.get(true), C.get(6), C.remove(5), C.get(5)]),
  "no name": (C) => (C.set("a", "1"), [C.get(undefined), C.get(null), C.get("")]),
  "cookies of somebody else": (C) => {
    for (const line of ["bad=foo%", "mixed=foo%bar%22baz%qux", "%A1=x", "invalid=%A1", 'q="v"', "low=%d0%96", "nameless", "e="]) document.cookie = line;
    return [C.get(), ...["bad", "mixed", "%A1", "invalid", "q", "low", "nameless", "e"].map((n) => C.get(n))];
  },
  "attributes as they are written": (C) => [
    C.set("c", "v", { secure: true, sameSite: "strict" }),
    C.set("c", "v", { secure: false, path: undefined }),
    C.set("c", "v", { path: "" }),
    C.set("c", "v", { path: "/;domain=evil", domain: "127.0.0.1;x", custom: "value;;x", flag: true, none: null }),
    C.set("c", "v", { partitioned: true, secure: true }),
    C.set("c", "v", { "max-age": "60" }),
    C.set("c", "v", JSON.parse('{"__proto__":{"foo":"bar"}}')),
    C.set("c", "v", null),
  ],
  "expiry by days and by date": (C) => [
    C.set("c", "v", { expires: new Date(4_000_000_000_000) }),
    C.set("c", "v", { expires: 0.5 }).replace(/expires=.*GMT/, "expires"),
    C.set("c", "v", { expires: -1 }).replace(/expires=.*GMT/, "expires"),
    C.set("c", "v", { expires: 0 }).replace(/expires=.*GMT/, "expires"),
  ],
  "a wrong expiry throws": (C) => {
    try {
      C.set("c", "v", { expires: "tomorrow" });
    } catch (error) {
      return error.name;
    }
  },
  removal: (C) => [C.set("a", "1"), C.remove("a"), C.get("a"), C.set("p", "1", { path: "/app" }), C.remove("p"), C.get("p"), C.remove("p", { path: "/app" }), C.get("p"), C.remove("never")],
  "a removal leaves its attributes alone": (C) => {
    const attributes = { path: "/" };
    C.remove("a", attributes);
    return attributes;
  },
  "instances with attributes": (C) => {
    const one = C.withAttributes({ path: "/app", secure: true });
    const two = one.withAttributes({ path: "/" });
    one.attributes.path = "/changed";
    return [one.set("c", "v"), two.set("c", "v"), one.set("c", "v", { path: "/" }), one.attributes, two.attributes, C.attributes, delete one.attributes, one.attributes];
  },
  "instances with converters": (C) => {
    const upper = C.withConverter({ write: (v) => String(v).toUpperCase() });
    const json = C.withConverter({ read: (v) => JSON.parse(decodeURIComponent(v)), write: (v) => encodeURIComponent(JSON.stringify(v)) });
    const escaped = C.withConverter({ read: unescape });
    document.cookie = "u=%u5317; path=/";
    return [upper.set("c", "v"), upper.get("c"), json.set("j", { a: [1] }), json.get("j"), escaped.get("u"), C.get("u"), C.converter.read("%41"), C.converter.write("a b"), Object.isFrozen(C.converter)];
  },
  "a converter is told the name": (C) => {
    document.cookie = "a%20b=1; path=/";
    const seen = [];
    C.withConverter({ read: (value, name) => seen.push([value, name]), write: (value, name) => (seen.push([value, name]), value) }).set("x y", "1");
    C.withConverter({ read: (value, name) => (seen.push([value, name]), value) }).get("a b");
    return seen;
  },
  "the shape of the API": (C) => [Object.keys(C), Object.keys(Object.getPrototypeOf(C)).sort(), C.set.length, typeof C.noConflict],
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`as js-cookie: ${name}`, async () => {
    const results = [];
    for (const module of ["/original/js.cookie.min.mjs", "/pkg/js-cookie.js"]) {
      const page = await (await newContext()).newPage();
      await page.goto(server.at() + "/app/page");
      results.push(
        await page.evaluate(`(async () => {
          const { default: Cookies } = await import("${module}");
          // undefined must not be taken for null.
          const shown = (value) => JSON.stringify(value, (_, v) => (v === undefined ? "(undefined)" : v));
          return [shown((${script})(Cookies)), document.cookie];
        })()`),
      );
    }
    assert.deepEqual(results[1], results[0]);
  });
}

test("the classic script gives the global name back", async () => {
  const page = await (await newContext()).newPage();
  await page.goto(server.at() + "/umd");
  const result = await page.evaluate(() => {
    const mine = Cookies.noConflict();
    mine.set("c", "v");
    return [Cookies, mine.get("c")];
  });
  assert.deepEqual(result, ["theirs", "v"]);
});

test("names of Object.prototype are ordinary ones, other than in js-cookie", async () => {
  const page = await (await newContext()).newPage();
  await page.goto(server.at() + "/app/page");
  const result = await page.evaluate(async () => {
    const { default: Cookies } = await import("/pkg/js-cookie.js");
    const before = Cookies.get("toString") ?? null;
    Cookies.set("toString", "1");
    Cookies.set("__proto__", "2");
    return [before, Cookies.get("toString"), Cookies.get("__proto__"), Object.keys(Cookies.get()).sort(), ({}).polluted ?? null];
  });
  assert.deepEqual(result, [null, "1", "2", ["__proto__", "toString"], null]);
});
