// The session client in a page, against a server that speaks the session API and fails on demand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./support/session-page.mjs";

for (const entry of ["/pkg/index.js", "/pkg/session.js"]) {
  test(`values are put, read and deleted (${entry})`, async () => {
    const { api, page } = await start({ entry });
    const result = await page.evaluate(async () => {
      const { session } = twinjar;
      const results = [session.state().active, (await session.view()).active, (await session.get("cart")) ?? null];
      await session.set("cart", { n: 1, "\u00fc": [null] });
      results.push(await session.get("cart"), session.state().active, session.state().revision);
      await session.set("a/b \u00fc", 0);
      results.push(await session.get("a/b \u00fc"), (await session.view()).data);
      await session.delete("cart");
      results.push((await session.get("cart")) ?? null);
      await session.rotate();
      await session.destroy();
      results.push(session.state().active, (await session.view()).active);
      return results;
    });
    assert.deepEqual(result, [
      false, false, null, { n: 1, "\u00fc": [null] }, true, 1, 0, { cart: { n: 1, "\u00fc": [null] }, "a/b \u00fc": 0 }, null, false, false,
    ]);
    // Unsafe requests carry the token as soon as there is one; no other request does.
    const unsafe = api.requests.filter(({ method }) => method !== "GET");
    assert.deepEqual(unsafe.map(({ headers }) => headers["x-csrf-token"]), [undefined, "dG9rZW4", "dG9rZW4", "dG9rZW4", "dG9rZW4"]);
    assert.ok(api.requests.every(({ method, headers }) => method !== "GET" || !headers["x-csrf-token"]));
    assert.equal(unsafe[0].headers["content-type"], "application/json");
  });
}

test("the server's refusals are typed errors with its code", async () => {
  const { api, page } = await start();
  const refused = await page.evaluate(() => settle(twinjar.session.get("secret")));
  assert.deepEqual(refused, { name: "SessionError", code: "key_not_exposed", status: 403, detail: "About key_not_exposed.", typed: true });

  api.faults.push(({ response }) => response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad Gateway</h1>"));
  const broken = await page.evaluate(() => settle(twinjar.session.view()));
  assert.deepEqual([broken.code, broken.status, broken.typed], ["http_error", 502, true]);

  await page.context().setOffline(true);
  const down = await page.evaluate(() => settle(twinjar.session.view()));
  await page.context().setOffline(false);
  assert.deepEqual([down.code, down.status, down.typed], ["network", undefined, true]);
  assert.equal((await page.evaluate(() => settle(twinjar.session.view()))).value.active, false, "a failed view is not kept");
});

test("an answer that breaks off is no answer, and one that is given up ends with the caller's reason", async () => {
  const { api, page } = await start();
  const begin = ({ response }) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 100 });
    response.write('{"active":');
    return response;
  };
  api.faults.push((exchange) => setTimeout((response) => response.destroy(), 200, begin(exchange)));
  const broken = await page.evaluate(() => settle(twinjar.session.get("cart")));
  assert.deepEqual([broken.code, broken.typed], ["network", true]);
  api.faults.push(begin);
  const reason = await page.evaluate(async () => {
    const giveUp = new AbortController();
    const reading = twinjar.session.get("cart", { signal: giveUp.signal });
    setTimeout(() => giveUp.abort("enough"), 200);
    return reading.catch((reason) => reason);
  });
  assert.equal(reason, "enough");
});

test("names of what every object has are ordinary names", async () => {
  const { page } = await start();
  const seen = await page.evaluate(async () => {
    const { session } = twinjar;
    const seen = [];
    for (const key of ["toString", "__proto__"]) await session.update(key, (before) => (seen.push(typeof before), 1));
    return seen;
  });
  assert.deepEqual(seen, ["undefined", "undefined"]);
});

test("misuse is a typed error, and nothing is sent", async () => {
  const { api, page } = await start();
  const codes = await page.evaluate(async () => {
    const { session } = twinjar;
    const cycle = {};
    cycle.itself = cycle;
    const calls = [() => session.get(), () => session.get(""), () => session.set("a", undefined), () => session.set("a", () => {}), () => session.set("a", cycle), () => session.set("a", 1n), () => session.update(1, () => 1), () => session.update("a", 5)];
    return Promise.all(calls.map(async (call) => (await settle(call())).code));
  });
  assert.deepEqual(codes, ["invalid_key", "invalid_key", "invalid_value", "invalid_value", "invalid_value", "invalid_value", "invalid_key", "invalid_value"]);
  assert.equal(api.requests.length, 0);
});

test("update loses nothing where others write at the same time", async () => {
  const { api, page } = await start();
  const result = await page.evaluate(async () => {
    const { session } = twinjar;
    await session.set("n", 0);
    const increments = Array.from({ length: 5 }, () => session.update("n", (n) => n + 1));
    await Promise.all(increments);
    const fresh = await session.update("new", (value) => (value === undefined ? "first" : "second"));
    const gone = await session.update("new", () => undefined);
    return [await session.get("n"), fresh, gone ?? null, (await session.get("new")) ?? null];
  });
  assert.deepEqual(result, [5, "first", null, null]);
  assert.ok(api.requests.filter(({ method }) => method === "PUT").slice(1).every(({ headers }) => headers["if-match"]));
});

/** What proxies make of an entity tag: those that compress weaken it or add to it. */
const PROXIES = {
  "weakens the tag": (etag) => "W/" + etag,
  "adds to the tag": (etag) => etag.replace(/"$/, '-gzip"'),
  "drops the tag": () => undefined,
};

for (const [what, proxy] of Object.entries(PROXIES)) {
  test(`update loses nothing behind a proxy that ${what}`, async () => {
    const { api, page } = await start();
    await page.evaluate(() => twinjar.session.set("n", 0));
    api.proxy = proxy;
    await page.evaluate(() => Promise.all(Array.from({ length: 5 }, () => twinjar.session.update("n", (n) => n + 1))));
    assert.equal(api.session.data.n, 5);
    assert.ok(api.requests.filter(({ method }) => method === "PUT").slice(1).every(({ headers }) => /^"\d+"$/.test(headers["if-match"])));
  });
}

test("the first writes of a visitor start one session", async () => {
  const { api, page } = await start();
  api.delay = 20;
  const seen = await page.evaluate(async () => {
    const { session } = twinjar;
    await Promise.all(["a", "b", "c"].map((key) => session.set(key, key)));
    const first = await session.view();
    await session.destroy();
    await Promise.all(Array.from({ length: 5 }, () => session.update("n", (n = 0) => n + 1)));
    return [first.data, await session.get("n"), session.state().active];
  });
  assert.deepEqual(seen, [{ a: "a", b: "b", c: "c" }, 5, true]);
  // Of each round only the first write has no session, and so no token.
  const starts = api.requests.filter(({ method, headers }) => method === "PUT" && !headers["x-csrf-token"]);
  assert.equal(starts.length, 2);
});

test("a first write that fails does not hold up the others", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.view());
  api.faults.push(({ response, problem }) => problem(response, 503, "store_unavailable"));
  const results = await page.evaluate(() => {
    const given = AbortSignal.abort();
    const { session } = twinjar;
    return Promise.all([settle(session.set("a", 1)), settle(session.set("b", 2, { signal: given })), settle(session.set("c", 3))]);
  });
  assert.deepEqual([results[0].code, results[1].name, results[2]], ["store_unavailable", "AbortError", { value: undefined }]);
  assert.deepEqual({ ...api.session.data }, { c: 3 });
});

test("update of a key that is not there logs no error in the console", async () => {
  const { api, page } = await start();
  const logged = [];
  page.on("console", (message) => logged.push(message.text()));
  const values = await page.evaluate(async () => {
    const { session } = twinjar;
    const values = [];
    const count = async () => values.push(await session.update("n", (n = 0) => n + 1));
    for (const before of [() => {}, () => {}, () => session.delete("n"), () => session.destroy()]) {
      await before();
      await count();
    }
    return values;
  });
  assert.deepEqual(values, [1, 2, 1, 1]);
  assert.deepEqual(logged, []);
  const reads = api.requests.filter(({ method }) => method === "GET").map(({ path }) => path);
  assert.deepEqual(reads, ["", "/data/n", "", ""], "what is there is read by itself");

  // Another page has deleted it: what this page believes is found to be wrong.
  delete api.session.data.n;
  assert.equal(await page.evaluate(() => twinjar.session.update("n", (n) => n ?? "gone")), "gone");
});

test("update gives up after ten conflicts", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("n", 0));
  for (let i = 0; i < 10; i++) {
    api.faults.push(undefined, ({ response, problem }) => problem(response, 412, "revision_conflict"));
  }
  const { code } = await page.evaluate(() => settle(twinjar.session.update("n", (n) => n + 1)));
  assert.equal(code, "revision_conflict");
  assert.equal(api.requests.filter(({ method }) => method === "PUT").length, 11);
});

test("a token that has changed meanwhile is tried once more", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("n", 0));
  await page.evaluate(() => (document.cookie = "__Host-session-state=1.b2xk.1.2.; Path=/; Secure"));
  api.faults.push(({ response, problem }) => {
    response.setHeader("Set-Cookie", "__Host-session-state=1.dG9rZW4.1.2.; Path=/; Secure");
    problem(response, 403, "csrf_token_invalid");
  });
  assert.deepEqual(await page.evaluate(() => settle(twinjar.session.set("n", 1))), { value: undefined });
  assert.equal(api.session.data.n, 1);

  api.faults.push(({ response, problem }) => problem(response, 403, "csrf_token_invalid"));
  const { code } = await page.evaluate(() => settle(twinjar.session.set("n", 2)));
  assert.equal(code, "csrf_token_invalid", "an unchanged token is not");
});

test("views at the same time share a request, but not across a change", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.view());
  api.requests.length = 0;
  api.delay = 100;
  await page.evaluate(() => Promise.all([twinjar.session.view(), twinjar.session.view(), twinjar.session.view()]));
  assert.equal(api.requests.length, 1);
  const [, after] = await page.evaluate(async () => {
    const early = twinjar.session.view();
    await twinjar.session.set("a", 1);
    return [await early, await twinjar.session.view()];
  });
  assert.deepEqual(after.data, { a: 1 });
});

test("a view asked for before a login is not shared after it", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.view());
  api.requests.length = 0;
  api.delay = 100;
  const [before, after] = await page.evaluate(async () => {
    const early = twinjar.session.view();
    await new Promise((done) => setTimeout(done));
    // What a login's answer sets.
    document.cookie = "__Host-session-state=1.b3RoZXI.7..; Path=/; Secure";
    return Promise.all([early, twinjar.session.view(), twinjar.session.view()]);
  });
  assert.deepEqual([before.active, after.active], [false, false]);
  assert.equal(api.requests.filter(({ path }) => path === "").length, 2);
});

test("a view shows what an endpoint of the page's own has changed before it was asked for", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.set("n", 1));
  const old = JSON.stringify({ active: true, revision: 1, serverTime: Date.now(), data: { n: 1 } });
  api.faults.push(({ response }) => setTimeout(() => response.setHeader("Content-Type", "application/json").end(old), 300));
  const seen = await page.evaluate(async () => {
    const { session } = twinjar;
    const early = session.view();
    await new Promise((done) => setTimeout(done, 50));
    const token = document.cookie.match(/__Host-session-state=1\.([^.]+)/)[1];
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
    await fetch("/api/session/data/n", { method: "PUT", body: "2", headers });
    const views = await Promise.all([early, session.view(), session.view()]);
    return views.map(({ data }) => data.n);
  });
  assert.deepEqual(seen, [1, 2, 2]);
});

test("an AbortSignal ends the wait of its caller alone", async () => {
  const { api, page } = await start();
  await page.evaluate(() => twinjar.session.view());
  api.delay = 300;
  const [aborted, other, before] = await page.evaluate(async () => {
    const { session } = twinjar;
    const signal = AbortSignal.timeout(50);
    const calls = [settle(session.view({ signal })), settle(session.view()), settle(session.get("a", { signal: AbortSignal.abort() }))];
    return Promise.all(calls);
  });
  assert.deepEqual([aborted.name, other.value.active, before.name], ["TimeoutError", false, "AbortError"]);
});

test("the state is the companion cookie's, and only a whole one counts", async () => {
  const { page } = await start();
  const states = await page.evaluate(() =>
    ["1.t.7.1767225600000.", "1.t.7..5", "2.t.7.1.2", "1.t.x.1.2", "1.t.7.1", "garbage", ""].map((text) => {
      document.cookie = `__Host-session-state=${text}; Path=/; Secure`;
      const { active, revision, idleExpiresAt, absoluteExpiresAt } = twinjar.session.state();
      return [active, revision, idleExpiresAt, absoluteExpiresAt];
    }),
  );
  const none = [false, 0, null, null];
  assert.deepEqual(states, [[true, 7, 1767225600000, null], [true, 7, null, 5], none, none, none, none, none]);
});

test("a client that did not load is a typed error, and is loaded again", async () => {
  const { api, page } = await start();
  await page.route("**/pkg/session/client.js", (route) => route.abort());
  await page.clock.install();
  const [failed, early] = await page.evaluate(async () => {
    globalThis.events = [];
    twinjar.session.subscribe((event) => events.push(event.type));
    const { session } = twinjar;
    return [await settle(session.view()), await settle(session.get("a"))];
  });
  assert.deepEqual([failed.code, failed.status, failed.typed], ["network", undefined, true]);
  assert.equal(early.code, "network");
  await page.unroute("**/pkg/session/client.js");
  assert.equal((await page.evaluate(() => settle(twinjar.session.set("a", 1)))).value, undefined);
  assert.equal(api.session?.data.a, 1);
  // The subscription too tries again, after a while.
  await page.clock.runFor(10_000);
  await page.evaluate(() => twinjar.session.destroy());
  await page.waitForFunction(() => events.includes("ended"));
});
