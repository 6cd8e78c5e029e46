// The jar in a page: what it reads and writes, and what it says of wrong calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./support/browser.mjs";
import { serve } from "./support/server.mjs";

const server = await serve({
  routes: {
    "/set": (request, response) => response.setHeader("Set-Cookie", new URL(request.url, "http://x").searchParams.getAll("c")).end(),
    "/echo": (request, response) => response.end(request.headers.cookie ?? ""),
  },
});
const URL_ = server.at() + "/app/page";

test("what is written is read, by this page and by the server", async () => {
  const page = await open(URL_);
  const values = ["dark", "a b;c,d\"e\\f", "100%", "K\u00f6ln \u{1F36A}", "", "a=b", "1234", "\n\t\0"];
  const read = await page.evaluate((values) => {
    for (const [i, value] of values.entries()) twinjar.cookies.set(`c${i}`, value);
    return values.map((_, i) => [twinjar.cookies.get(`c${i}`), twinjar.cookies.getAll()[`c${i}`], twinjar.cookies.has(`c${i}`)]);
  }, values);
  assert.deepEqual(read, values.map((value) => [value, value, true]));
  const sent = await page.evaluate(() => fetch("/echo").then((response) => response.text()));
  assert.deepEqual(sent.split("; ").map((pair) => decodeURIComponent(pair.slice(pair.indexOf("=") + 1))), values);
});

test("attributes reach the browser's jar", async () => {
  const page = await open(server.at("shop.localhost") + "/app/page");
  const before = Date.now() / 1000;
  await page.evaluate(() => {
    twinjar.cookies.set("plain", "1");
    twinjar.cookies.set("full", "1", { path: "/app", domain: "shop.localhost", maxAge: 3600, sameSite: "strict", secure: true });
    twinjar.cookies.set("date", "1", { expires: new Date(Date.now() + 60_000), sameSite: "NONE", secure: true });
    twinjar.cookies.set("number", "1", { expires: Date.now() + 60_000, maxAge: 7200 });
    twinjar.cookies.set("chips", "1", { partitioned: true, secure: true, sameSite: "none" });
  });
  const jar = Object.fromEntries((await page.context().cookies()).map((cookie) => [cookie.name, cookie]));
  const near = (name, seconds) => assert.ok(Math.abs(jar[name].expires - before - seconds) < 30, `${name} ${jar[name].expires}`);
  assert.deepEqual([jar.plain.path, jar.plain.sameSite, jar.plain.secure, jar.plain.expires], ["/", "Lax", false, -1]);
  assert.deepEqual([jar.full.path, jar.full.domain, jar.full.sameSite, jar.full.secure], ["/app", ".shop.localhost", "Strict", true]);
  near("full", 3600);
  near("date", 60);
  near("number", 7200);
  assert.equal(jar.date.sameSite, "None");
  assert.equal(jar.chips.secure, true);
  assert.ok(jar.chips.partitionKey, JSON.stringify(jar.chips));
});

test("removal is told from what only looks like it", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(async () => {
    const { cookies } = twinjar;
    const results = [];
    cookies.set("a", "1");
    results.push(cookies.remove("a"), cookies.has("a"), cookies.remove("a"), cookies.remove("never"));
    cookies.set("p", "1", { path: "/app" });
    results.push(cookies.remove("p"), cookies.get("p"), cookies.remove("p", { path: "/app" }), cookies.has("p"));
    // Somebody else writes a cookie of a name that this page has set and removed; the page sees it, and cannot remove it.
    cookies.set("b", "1");
    cookies.remove("b");
    document.cookie = "b=2; Path=/app";
    results.push(cookies.get("b"), cookies.remove("b"), cookies.get("b"));
    // The page has just seen the name gone; then the server sets it again, elsewhere.
    cookies.remove("late");
    await fetch("/set?c=late=1;Path=/app");
    results.push(cookies.remove("late", { verify: true }), cookies.has("late"));
    return results;
  });
  assert.deepEqual(result, [true, false, true, true, false, "1", true, false, "2", false, "2", false, true]);
});

test("the removal of a cookie is none of its partitioned namesake", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    const { cookies } = twinjar;
    const chips = cookies.withDefaults({ partitioned: true, secure: true, sameSite: "none" });
    const first = [chips.set("a", "1"), chips.remove("a"), chips.set("a", "2")];
    return [...first, cookies.remove("a"), cookies.get("a"), chips.remove("a"), cookies.has("a")];
  });
  assert.deepEqual(result, ["stored", true, "sent", false, "2", true, false]);
});

test("clear tells what it removed and what is left", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(async () => {
    await fetch("/set?c=elsewhere=1;Path=/app&c=__proto__=1;Path=/&c=odd%20name=1;Path=/");
    twinjar.cookies.set("a", "1");
    return [twinjar.cookies.clear(), twinjar.cookies.clear({ path: "/app" })];
  });
  assert.deepEqual(result, [
    { removed: ["__proto__", "odd name", "a"], remaining: ["elsewhere"] },
    { removed: ["elsewhere"], remaining: [] },
  ]);
});

test("what somebody else has set under a name that is refused here can be removed", async () => {
  const page = await open(URL_);
  const names = ["prefs[x]", "a b", "q\"@(,)", "caf\u00e9\u{1F36A}", ""];
  const result = await page.evaluate((names) => {
    const { cookies } = twinjar;
    for (const name of names) document.cookie = `${name}=1; Path=/`;
    const removed = names.map((name) => [cookies.get(name), outcome(() => cookies.remove(name)).value, cookies.has(name)]);
    const refused = ["a=b", "a;b", " a", "a ", "\ta", "a\nb", "a\u0001"].map((name) => outcome(() => cookies.remove(name)).code);
    return [removed, refused, outcome(() => cookies.set("prefs[x]", "1")).code];
  }, names);
  assert.deepEqual(result[0], names.map(() => ["1", true, false]));
  assert.deepEqual(result[1], ["separator", "separator", "name_invalid", "name_invalid", "name_invalid", "control_character", "control_character"]);
  assert.equal(result[2], "name_invalid");
});

test("a cookie that somebody else set breaks nothing", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    for (const line of ["bad=%E0%A4%A", "%A1=x", "nameless", "__proto__=p", "toString=t", 'q="v"', "a==b==", "caf\u00e9=\u{1F36A}"]) document.cookie = line;
    const { cookies } = twinjar;
    const names = ["bad", "%A1", "", "__proto__", "toString", "q", "a", "caf\u00e9", "constructor"];
    return [names.map((name) => cookies.get(name)), Object.keys(cookies.getAll()).length, ({}).p];
  });
  assert.deepEqual(result, [["%E0%A4%A", "x", "nameless", "p", "t", '"v"', "=b==", "\u{1F36A}", undefined], 8, undefined]);
});

test("reads see what other scripts write, without delay", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(async () => {
    const { cookies } = twinjar;
    const seen = [cookies.get("a")];
    document.cookie = "a=1; Path=/";
    seen.push(cookies.get("a"), cookies.getAll().a);
    document.cookie = "a=2; Path=/";
    seen.push(cookies.getAll().a, cookies.get("a"));
    await cookieStore.set("a", "3");
    seen.push(cookies.get("a"));
    await fetch("/set?c=a=4;Path=/");
    seen.push(cookies.get("a"));
    return seen;
  });
  assert.deepEqual(result, [undefined, "1", "1", "2", "2", "3", "4"]);
});

test("duplicate names: the first counts, all are there", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    twinjar.cookies.set("a", "root");
    twinjar.cookies.set("a", "app", { path: "/app" });
    return [twinjar.cookies.get("a"), twinjar.cookies.getAll("a"), twinjar.cookies.getAll().a];
  });
  assert.deepEqual(result, ["app", ["app", "root"], "app"]);
});

test("the outcome of a write is told", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    const { cookies } = twinjar;
    return [
      cookies.set("a", "1"),
      cookies.set("a", "2"),
      cookies.set("a", "3", { verify: true }),
      cookies.set("a", "4", { path: "/app" }),
      cookies.withDefaults({ verify: true }).set("a", "5"),
      cookies.set("a", "6", { path: "/elsewhere" }),
      cookies.set("gone", "7", { maxAge: 0 }),
      cookies.get("a"),
    ];
  });
  assert.deepEqual(result, ["stored", "sent", "stored", "stored", "stored", "unverifiable", "stored", "4"]);
});

test("a write that changes nothing that shows is unverifiable, and one that does is stored", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(async () => {
    await fetch("/set?c=hidden=1;Path=/;HttpOnly&c=same=1;Path=/&c=twice=1;Path=/app");
    document.cookie = "hidden=1; Path=/app";
    const { cookies } = twinjar;
    return [
      // What shows is another path's; the write itself is dropped.
      cookies.set("hidden", "1"),
      cookies.set("hidden", "1", { verify: true }),
      outcome(() => cookies.set("hidden", "2")).code,
      cookies.set("same", "1"),
      cookies.set("same", "2"),
      cookies.set("same", "2"),
      cookies.set("same", "2", { verify: true }),
      // The value shows before, but only once.
      cookies.set("twice", "1"),
      cookies.getAll("twice"),
    ];
  });
  const unproven = "unverifiable";
  assert.deepEqual(result, [unproven, unproven, "http_only_overwrite", unproven, "stored", "sent", unproven, "stored", ["1", "1"]]);
});

test("a write that ends its cookie is no failure, whatever else shows", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    const { cookies } = twinjar;
    document.cookie = "a=1; Path=/app";
    cookies.set("b", "1");
    const now = Date.now();
    return [
      cookies.set("a", "1", { maxAge: 0 }),
      cookies.set("b", "1", { maxAge: 0, verify: true }),
      cookies.has("b"),
      // Of the second that has begun already: cookie dates have whole ones.
      outcome(() => cookies.set("c", "1", { expires: now - (now % 1000) + 999 })).value,
      cookies.has("c"),
    ];
  });
  assert.deepEqual(result, ["unverifiable", "stored", false, "stored", false]);
});

test("only the first write of a cookie reads, and a check never does", async () => {
  const page = await open(URL_);
  const reads = await page.evaluate(() => {
    let reads = 0;
    const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
    Object.defineProperty(document, "cookie", { get: () => (reads++, get.call(document)), set: (line) => set.call(document, line) });
    return ["check", "set", "set", "check", "set"].map((method, i) => {
      const before = reads;
      twinjar.cookies[method]("a", String(i));
      return reads - before;
    });
  });
  assert.deepEqual(reads, [0, 2, 0, 0, 0]);
});

const MISUSES = [
  ["no name", () => twinjar.cookies.get(), "invalid_name"],
  ["a number as name", () => twinjar.cookies.has(5), "invalid_name"],
  ["null as name", () => twinjar.cookies.getAll(null), "invalid_name"],
  ["a name with a space", () => twinjar.cookies.set("a b", "1"), "name_invalid"],
  ["a name with =", () => twinjar.cookies.set("a=b", "1"), "separator"],
  ["an empty name", () => twinjar.cookies.set("", "1"), "name_empty"],
  ["a number as value", () => twinjar.cookies.set("a", 5), "invalid_value"],
  ["an object as value", () => twinjar.cookies.set("a", { b: 1 }), "invalid_value"],
  ["undefined as value", () => twinjar.cookies.set("a", undefined), "invalid_value"],
  ["a raw value with a space", () => twinjar.cookies.set("a", "b c", { raw: true }), "value_invalid"],
  ["options that are a number", () => twinjar.cookies.set("a", "1", 5), "invalid_option"],
  ["options that are null", () => twinjar.cookies.set("a", "1", null), "invalid_option"],
  ["an unknown option", () => twinjar.cookies.set("a", "1", { "max-age": 5 }), "unknown_option"],
  ["js-cookie's expires of days", () => twinjar.cookies.set("a", "1", { expires: "7" }), "invalid_option"],
  ["an invalid date", () => twinjar.cookies.set("a", "1", { expires: new Date(NaN) }), "invalid_option"],
  ["a date before 1601", () => twinjar.cookies.set("a", "1", { expires: -1e15 }), "invalid_option"],
  ["a fraction of a second", () => twinjar.cookies.set("a", "1", { maxAge: 1.5 }), "invalid_option"],
  ["maxAge as text", () => twinjar.cookies.set("a", "1", { maxAge: "60" }), "invalid_option"],
  ["NaN as maxAge", () => twinjar.cookies.set("a", "1", { maxAge: NaN }), "invalid_option"],
  ["an empty path", () => twinjar.cookies.set("a", "1", { path: "" }), "invalid_option"],
  ["an empty domain", () => twinjar.cookies.set("a", "1", { domain: "" }), "invalid_option"],
  ["a path with a semicolon", () => twinjar.cookies.set("a", "1", { path: "/;Domain=x" }), "separator"],
  ["secure as text", () => twinjar.cookies.set("a", "1", { secure: "false" }), "invalid_option"],
  ["__proto__ in options from JSON", () => twinjar.cookies.set("a", "1", JSON.parse('{"__proto__":{"path":"/x"}}')), "unknown_option"],
  ["a listener that is none", () => twinjar.cookies.subscribe("x"), "invalid_listener"],
  ["an unknown codec", () => twinjar.defineCookie({ name: "a", codec: "toString" }), "invalid_codec"],
  ["a definition without a name", () => twinjar.defineCookie({}).get(), "invalid_name"],
  ["no definition", () => twinjar.defineCookie(), "invalid_name"],
  ["null as definition", () => twinjar.defineCookie(null), "invalid_name"],
  ["a text as definition", () => twinjar.defineCookie("a"), "invalid_name"],
  ["an unknown option in a definition", () => twinjar.defineCookie({ name: "a", httponly: true }), "unknown_option"],
  ["a value that the codec has no text for", () => twinjar.defineCookie({ name: "a", codec: "json" }).set(undefined), "invalid_value"],
  ["a BigInt as JSON", () => twinjar.defineCookie({ name: "a", codec: "json" }).set(1n), "invalid_value"],
  ["a cycle as JSON", () => { const cycle = {}; cycle.self = cycle; twinjar.defineCookie({ name: "a", codec: "json" }).set(cycle); }, "invalid_value"],
  ["a value that the codec throws for", () => twinjar.defineCookie({ name: "a", codec: { encode: (date) => date.toISOString(), decode: Date.parse } }).set("x"), "invalid_value"],
];

test("misuse is a CookieError with a code, and writes nothing", async () => {
  const page = await open(URL_);
  for (const [row, call, code] of MISUSES) {
    const result = await page.evaluate(`outcome(${call})`);
    assert.equal(result.code, code, row);
    assert.match(result.message, /^[A-Z].+\.$/, row);
  }
  assert.deepEqual(await page.context().cookies(), []);
});

test("definitions: codecs, defaults, and values of somebody else", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    const { defineCookie, cookies } = twinjar;
    const theme = defineCookie({ name: "theme", maxAge: 60 });
    const count = defineCookie({ name: "count", codec: "number" });
    const seen = defineCookie({ name: "seen", codec: "boolean" });
    const cart = defineCookie({ name: "cart", codec: "json", path: "/app" });
    const own = defineCookie({ name: "own", codec: { encode: (date) => date.toISOString(), decode: (text) => new Date(text) } });
    const results = [theme.get(), count.get(), cart.get()];
    theme.set("1234");
    count.set(-1.5);
    seen.set(false);
    cart.set({ items: ["a;b"] });
    own.set(new Date(0));
    results.push(theme.get(), count.get(), seen.get(), cart.get(), own.get().getTime(), cart.remove(), cart.get());
    for (const name of ["count", "seen", "cart"]) cookies.set(name, "{not it", { path: "/app" });
    results.push(count.get(), seen.get(), cart.get());
    document.cookie = "count=; Path=/app";
    results.push(count.get());
    return results.map((value) => value ?? null);
  });
  assert.deepEqual(result, [null, null, null, "1234", -1.5, false, { items: ["a;b"] }, 0, true, null, null, null, null, null]);
});

test("definitions: a codec keeps its own state, and no codec knows what every object has", async () => {
  const page = await open(URL_);
  const result = await page.evaluate(() => {
    class Separated {
      separator = ".";
      encode(list) {
        return list.join(this.separator);
      }
      decode(text) {
        return text.split(this.separator);
      }
    }
    const list = twinjar.defineCookie({ name: "list", codec: new Separated() });
    list.set(["a", "b"]);
    const flag = twinjar.defineCookie({ name: "flag", codec: "boolean" });
    const found = ["toString", "__proto__", "constructor", "true"].map((text) => {
      document.cookie = `flag=${text}; Path=/`;
      return flag.get() ?? null;
    });
    const bare = Object.assign(Object.create(null), { encode: String, decode: Number });
    return [list.get(), document.cookie.includes("list=a.b"), found, outcome(() => twinjar.defineCookie({ name: "n", codec: bare }).set(1)).value];
  });
  assert.deepEqual(result, [["a", "b"], true, [null, null, null, true], "stored"]);
});

test("methods may be taken off the jar", async () => {
  const page = await open(URL_);
  assert.equal(await page.evaluate(() => { const { set, get } = twinjar.cookies; set("a", "1"); return get("a"); }), "1");
});
