// One visitor on both servers: what one does, the other sees.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startRedis } from "../support/redis.mjs";
import { startBoth, startExpress, startTwinjar } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis, both;
before(async () => {
  redis = await startRedis();
  both = await startBoth(redis, { maxAge: 60_000 });
});
after(async () => {
  await both?.stop();
  await redis?.stop();
});

const VALUES = {
  null: null,
  "true and false": [true, false],
  integers: [0, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1)],
  fractions: [0.1, -1.5e-7, 1e21, 5e-324, 1.7976931348623157e308, 123456.789],
  texts: ["", " ", "\"\\/\b\f\n\r\t", "\u0000\u001f\u007f", "äöü ß 漢字", "😀👩‍👩‍👧", "\u2028\u2029", "</script>"],
  "lone surrogate": "\ud800",
  empty: [[], {}, [[]], [{}], { "": "" }],
  nested: { a: { b: { c: [1, [2, [3, { d: null }]]] } } },
  "deeply nested": JSON.parse("[".repeat(100) + "]".repeat(100)),
  date: new Date(0).toJSON(),
  "names of another session's parts": { cookie: { path: "/x" }, id: 1, save: true, req: null },
  "unusual names": { "a.b": 1, "a b": 2, "$set": 3, "ключ": 4, "\"": 5, "\n": 6, "0": 7, length: 8 },
  large: "x".repeat(100_000),
  "many keys": Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, n])),
};

describe("every kind of value", () => {
  for (const [from, to] of [["express", "twinjar"], ["twinjar", "express"]]) {
    for (const [kind, value] of Object.entries(VALUES)) {
      test(`${kind}: ${from} writes, ${to} reads and writes back`, async () => {
        const visitor = new Visitor();
        const data = { value, [kind]: "as a key" };
        const written = await visitor.post(both[from], "/session", data);
        assert.equal(written.status, 200, written.text);
        assert.deepEqual(await visitor.session(both[to]), data);
        // What the other side did not change is what the first one finds again.
        await visitor.post(both[to], "/incr");
        assert.deepEqual(await visitor.session(both[from]), { ...data, n: 1 });
      });
    }
  }
});

test("numbers keep the digits that they were written with", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 0 });
  const key = `sess:${visitor.id()}`;
  const { cookie } = JSON.parse(await redis.client.get(key));
  const digits = '"big":12345678901234567890123,"one":1.0,"e":1E+2,"minus":-0';
  await redis.client.set(key, `{"cookie":${JSON.stringify(cookie)},${digits},"n":0}`, { KEEPTTL: true });
  await visitor.post(both.twinjar, "/incr");
  const record = await redis.client.get(key);
  assert.ok(record.includes(digits) && record.endsWith('"n":1}'), record);
});

for (const [here, there] of [["express", "twinjar"], ["twinjar", "express"]]) {
  test(`a login on ${here} is one on ${there}, and so is a logout`, async () => {
    const visitor = new Visitor();
    await visitor.post(both[there], "/session", { cart: [1] });
    const before = visitor.id();
    await visitor.post(both[here], "/login", { user: "alice" });
    assert.notEqual(visitor.id(), before);
    assert.equal(await redis.client.exists(`sess:${before}`), 0, "the id from before the login is dead");
    assert.deepEqual(await visitor.session(both[there]), { cart: [1], user: "alice" });

    const other = new Visitor();
    other.jar = new Map(visitor.jar);
    await visitor.post(both[here], "/logout");
    assert.deepEqual(await other.session(both[there]), {});
    assert.equal(await redis.client.exists(`sess:${other.id()}`), 0);
  });

  test(`after a regenerate on ${here}, ${there} has the data under the new id alone`, async () => {
    const visitor = new Visitor();
    await visitor.post(both[there], "/session", { n: 1 });
    const old = new Visitor();
    old.jar = new Map(visitor.jar);
    await visitor.post(both[here], "/regenerate");
    assert.deepEqual(await visitor.session(both[there]), { n: 1 });
    assert.deepEqual(await old.session(both[there]), {});
  });
}

test("with a key for it, each side knows who has logged in on the other", async (t) => {
  const twinjar = await startTwinjar(redis, {}, { USER_KEY: "user" });
  t.after(twinjar.stop);
  const visitor = new Visitor();
  const user = async () => (await visitor.get(twinjar, "/user")).json.user;
  assert.equal(await user(), null);
  await visitor.post(both.express, "/login", { user: "alice" });
  assert.equal(await user(), "alice");
  await visitor.post(both.express, "/session", { user: 7 });
  assert.equal(await user(), "7");
  await visitor.post(both.express, "/session", { user: { name: "x" } });
  assert.equal(await user(), null, "what is neither text nor number is nobody");
  await visitor.post(twinjar, "/login", { user: "bob" });
  assert.equal(await user(), "bob");
  assert.equal((await visitor.session(both.express)).user, "bob");
});

test("a logout here clears the cookie", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 1 });
  const answer = await visitor.post(both.twinjar, "/logout");
  assert.deepEqual(answer.lines, ["connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly"]);
  assert.equal(visitor.jar.size, 0);
});

test("a logout here clears a cookie that leads nowhere, which Express leaves", async (t) => {
  const twinjar = await startTwinjar(redis, { maxAge: 60_000, saveUninitialized: true });
  t.after(twinjar.stop);
  for (const server of [both.twinjar, twinjar]) {
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    await visitor.post(both.express, "/logout");
    assert.equal(visitor.jar.size, 1);
    const read = await visitor.get(both.twinjar, "/session");
    assert.deepEqual(read.lines, [], "a visit does not");
    const { status, lines } = await visitor.post(server, "/logout");
    const cleared = ["connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly"];
    assert.deepEqual([status, lines], [200, cleared]);
    assert.deepEqual((await visitor.post(server, "/logout")).lines, [], "there is no cookie any more");
  }
});

test("settings of a session's cookie stay as Express has set them", async (t) => {
  const cookie = {
    maxAge: 60_000, domain: "127.0.0.1", path: "/", sameSite: "strict", httpOnly: false, priority: "high", partitioned: true,
  };
  const express = await startExpress(redis, {}, { cookie });
  t.after(express.stop);
  const visitor = new Visitor();
  const [told] = (await visitor.post(express, "/session", { n: 1 })).lines;
  const settings = async () => {
    const { cookie } = JSON.parse(await redis.client.get(`sess:${visitor.id()}`));
    return { ...cookie, expires: typeof cookie.expires };
  };
  const before = await settings();
  const [line] = (await visitor.post(both.twinjar, "/incr")).lines;
  assert.deepEqual(await settings(), before);
  const form = (line) => line.replace(/Expires=[^;]*/, "Expires").replace(/=s%3A[^;]*/, "=value");
  assert.equal(form(line), form(told));
});

test("settings that Express does not know stay too", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 1 });
  const key = `sess:${visitor.id()}`;
  const cookie = '{"path":"/","later":{"x":1.50},"originalMaxAge":60000,"expires":"2020-01-01T00:00:00.000Z","httpOnly":true}';
  await redis.client.set(key, `{"n":1,"cookie":${cookie}}`, { KEEPTTL: true });
  await visitor.post(both.twinjar, "/incr");
  const record = await redis.client.get(key);
  assert.equal(record.replace(/20[0-9-]{8}T[0-9:.]*Z/, "THEN"), `{"n":2,"cookie":${cookie.replace(/2020-[^"]*/, "THEN")}}`);
});

test("a lifetime that Express has given one session alone goes on", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/max-age", { ms: 600_000 });
  const { lines } = await visitor.post(both.twinjar, "/incr");
  const expires = /Expires=([^;]*)/.exec(lines[0])[1];
  assert.ok(Math.abs(new Date(expires) - Date.now() - 600_000) < 30_000, expires);
  assert.ok((await redis.client.ttl(`sess:${visitor.id()}`)) > 570);
});

test("secrets can be replaced on one side after the other", async (t) => {
  const [old, next] = ["the old secret", "the new secret"];
  const start = [
    startExpress(redis, { secrets: [old] }),
    startTwinjar(redis, { secrets: [next, old] }),
    startExpress(redis, { secrets: [next, old] }),
    startTwinjar(redis, { secrets: [next] }),
  ];
  const [oldExpress, twinjar, express, newTwinjar] = await Promise.all(start);
  for (const server of [oldExpress, twinjar, express, newTwinjar]) t.after(server.stop);
  const visitor = new Visitor();
  await visitor.post(oldExpress, "/session", { n: 1 });
  // Neither side signs a cookie anew unasked: an Express that does not have the new secret yet would not know it.
  for (const server of [twinjar, express]) {
    const answer = await visitor.post(server, "/incr");
    assert.deepEqual([answer.status, answer.lines], [200, []], server.title);
  }
  assert.deepEqual(await visitor.session(oldExpress), { n: 3 });
  assert.deepEqual(await visitor.session(newTwinjar), {}, "a secret that is no more verifies nothing");
  const newcomer = new Visitor();
  await newcomer.post(twinjar, "/session", { n: 1 });
  assert.deepEqual(await newcomer.session(newTwinjar), { n: 1 }, "the first secret signs");
  assert.deepEqual(await newcomer.session(oldExpress), {});
});

test("ids of any form are understood", async (t) => {
  const ids = ["a", "user:1/ä.b", "00000000-0000-4000-8000-000000000000", "x".repeat(200), "with space; and = + %41", "dots.in.it."];
  let next = 0;
  const express = await startExpress(redis, { prefix: "genid:" }, { genid: () => ids[next++] });
  const twinjar = await startTwinjar(redis, { prefix: "genid:" });
  t.after(express.stop);
  t.after(twinjar.stop);
  for (const id of ids) {
    const visitor = new Visitor();
    await visitor.post(express, "/session", { id_is: id });
    assert.equal(visitor.id(), id);
    assert.deepEqual(await visitor.session(twinjar), { id_is: id });
    await visitor.post(twinjar, "/incr");
    assert.deepEqual(await visitor.session(express), { id_is: id, n: 1 });
  }
});

test("cookies that are no session's begin a new one and name nothing in the store", async () => {
  const genuine = new Visitor();
  await genuine.post(both.express, "/session", { n: 1 });
  const value = genuine.jar.get("connect.sid");
  const forged = [
    "", "s%3A", "s%3A.", "s%3A.abc", "j%3A%7B%7D", genuine.id(), `s%3A${genuine.id()}`, value.slice(0, -1), `${value}A`,
    value.replace("s%3A", ""), value.replace("s%3A", "s%3a%2"), "%", "%ff", "\"", "x".repeat(4000), `s%3Anobody.${value.split(".")[1]}`,
  ];
  for (const text of forged) {
    const thief = new Visitor();
    thief.jar.set("connect.sid", text);
    assert.deepEqual(await thief.session(both.twinjar), {}, text);
    const { status, lines } = await thief.post(both.twinjar, "/session", { mine: true });
    assert.deepEqual([status, lines.length], [200, 1], text);
    assert.notEqual(thief.id(), genuine.id());
  }
  assert.deepEqual(await genuine.session(both.express), { n: 1 });
});

test("of several cookies with the name, the one that leads to a session counts", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 1 });
  const good = `connect.sid=${visitor.jar.get("connect.sid")}`;
  for (const header of [`connect.sid=stale; ${good}`, `${good}; connect.sid=stale`, `a=b; connect.sid=s%3Ax.y;${good}`]) {
    const answer = await new Visitor().get(both.twinjar, "/session", { cookie: header });
    assert.deepEqual(answer.json, { session: { n: 1 } }, header);
  }
});
