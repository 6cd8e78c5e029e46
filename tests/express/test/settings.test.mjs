// Each further option leaves the same behind on both sides: the cookie's, express-session's own, and the stores'.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import connectPgSimple from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { line, stored } from "../support/look.mjs";
import { startPostgres } from "../support/postgres.mjs";
import { startRedis } from "../support/redis.mjs";
import { startExpress, startTwinjar } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

const STEPS = [
  ["POST", "/session", { n: 1 }],
  ["GET", "/session"],
  ["POST", "/incr"],
  ["POST", "/regenerate"],
  ["POST", "/login", { user: "alice" }],
];
const MINUTE = 60_000;

/** Twinjar with the options that Express has, by the same names. */
const told = (options) => ({ OPTIONS: JSON.stringify(options) });

describe("the cookie's options", () => {
  let redis;
  before(async () => (redis = await startRedis()));
  after(() => redis?.stop());

  const cookies = [
    { domain: "shop.example" },
    { domain: ".shop.example" },
    { path: "/session" },
    { httpOnly: false },
    { partitioned: true, secure: true },
    { partitioned: false },
    ...["low", "medium", "high"].map((priority) => ({ priority })),
    ...["strict", "lax", "auto"].map((sameSite) => ({ sameSite })),
    { sameSite: "none", secure: true },
    { secure: true },
    { secure: "auto", sameSite: "auto", priority: "high", httpOnly: false },
  ];
  for (const cookie of cookies) {
    test(JSON.stringify(cookie), async (t) => {
      const prefix = `${JSON.stringify(cookie)}:`;
      const common = { maxAge: 10 * MINUTE, prefix, proxy: true };
      const express = await startExpress(redis, common, { cookie: { maxAge: 10 * MINUTE, ...cookie } });
      t.after(express.stop);
      const twinjar = await startTwinjar(redis, { ...common, proxy: false }, { ...told({ cookie: { secure: false, ...cookie } }), TRUST_PROXY: "1" });
      t.after(twinjar.stop);
      for (const scheme of ["https", "http"]) {
        const visitors = { express: new Visitor(), twinjar: new Visitor() };
        // Express has no sessions elsewhere; no browser sends the cookie there.
        const steps = STEPS.filter(([, path]) => path.startsWith(cookie.path ?? "/"));
        for (const [number, [method, path, body]] of steps.entries()) {
          const looks = {};
          for (const [side, server] of Object.entries({ express, twinjar })) {
            const headers = { "x-forwarded-proto": scheme };
            const { status, lines } = await visitors[side].send(server, method, path, body, headers);
            const id = visitors[side].id();
            looks[side] = { status, lines: lines.map(line), record: id ? await stored(redis, prefix, id) : null };
          }
          assert.deepEqual(looks.twinjar, looks.express, `step ${number + 1} over ${scheme}: ${method} ${path}`);
        }
      }
    });
  }
});

describe("a new id comes with a new cookie", () => {
  let redis;
  before(async () => (redis = await startRedis()));
  after(() => redis?.stop());

  const cookie = { secure: "auto", sameSite: "auto" };
  const options = { maxAge: 10 * MINUTE, proxy: true };
  const start = async (t) => {
    const servers = [
      await startExpress(redis, options, { cookie: { maxAge: 10 * MINUTE, ...cookie } }),
      await startTwinjar(redis, options, told({ cookie })),
    ];
    for (const server of servers) t.after(server.stop);
    return servers;
  };

  for (const [from, to] of [["http", "https"], ["https", "http"]]) {
    for (const path of ["/login", "/regenerate"]) {
      test(`begun over ${from}, ${path} over ${to}`, async (t) => {
        const [express, twinjar] = await start(t);
        const looks = [];
        for (const server of [express, twinjar]) {
          const visitor = new Visitor();
          const step = async (scheme, method, path, body) => {
            const { status, lines } = await visitor.send(server, method, path, body, { "x-forwarded-proto": scheme });
            return { status, lines: lines.map(line), record: await stored(redis, "sess:", visitor.id()) };
          };
          looks.push([
            await step(from, "POST", "/session", { n: 1 }),
            await step(to, "POST", path, { user: "alice" }),
            await step(to, "POST", "/incr"),
          ]);
        }
        assert.deepEqual(looks[1], looks[0]);
        assert.equal(looks[1][1].record.cookie.secure, to === "https");
      });
    }
  }

  test("and with the lifetime that all have", async (t) => {
    const [express, twinjar] = await start(t);
    for (const server of [express, twinjar]) {
      const visitor = new Visitor();
      await visitor.post(express, "/max-age", { ms: 60 * MINUTE });
      assert.ok((await redis.client.ttl(`sess:${visitor.id()}`)) > 3000);
      const { lines } = await visitor.post(server, "/regenerate");
      const ttl = await redis.client.ttl(`sess:${visitor.id()}`);
      assert.ok(ttl > 590 && ttl <= 600, `${server.title}: ${ttl}`);
      assert.match(lines.map(line)[0], /Expires=in 600 s/, server.title);
    }
  });
});

describe("connect-redis' options", () => {
  let redis;
  before(async () => (redis = await startRedis()));
  after(() => redis?.stop());

  async function both(t, options) {
    const store = new RedisStore({ client: redis.client, ...options });
    const express = await startExpress(redis, {}, { store });
    t.after(express.stop);
    const twinjar = await startTwinjar(redis, {}, told(options));
    t.after(twinjar.stop);
    return [express, twinjar];
  }
  const left = (visitor) => redis.client.ttl(`sess:${visitor.id()}`);

  test("ttl", async (t) => {
    for (const server of await both(t, { ttl: 500 })) {
      const visitor = new Visitor();
      await visitor.post(server, "/session", { n: 1 });
      const ttl = await left(visitor);
      assert.ok(ttl > 490 && ttl <= 500, `${server.title}: ${ttl}`);
    }
  });

  test("disableTouch", async (t) => {
    for (const server of await both(t, { disableTouch: true, ttl: 500 })) {
      const visitor = new Visitor();
      await visitor.post(server, "/session", { n: 1 });
      await redis.client.expire(`sess:${visitor.id()}`, 100);
      await visitor.get(server, "/session");
      assert.ok((await left(visitor)) <= 100, `${server.title}: a visit postpones nothing`);
      await visitor.post(server, "/incr");
      assert.ok((await left(visitor)) > 490, `${server.title}: a change does`);
    }
  });

  test("disableTTL", async (t) => {
    for (const server of await both(t, { disableTTL: true })) {
      const visitor = new Visitor();
      await visitor.post(server, "/session", { n: 1 });
      assert.equal(await left(visitor), -1, `${server.title}: it has no end`);
      await visitor.post(server, "/incr");
      assert.equal(await left(visitor), -1, server.title);
    }
  });
});

describe("connect-pg-simple's options", () => {
  let postgres;
  before(async () => (postgres = await startPostgres()));
  after(() => postgres?.stop());

  const Store = connectPgSimple(session);
  const ask = async (statement, ...values) => (await postgres.pool.query(statement, values)).rows[0]?.answer;
  const left = (visitor, table = "session") =>
    ask(`SELECT extract(epoch FROM expire::timestamptz - now())::float8 AS answer FROM ${table} WHERE sid = $1`, visitor.id());

  async function both(t, { pruneSessionInterval = false, ...options }) {
    const pruning = pruneSessionInterval === false ? {} : { pruneSessionInterval };
    const twinjar = await startTwinjar(postgres, {}, told({ ...options, ...pruning }));
    t.after(twinjar.stop);
    const store = new Store({ pool: postgres.pool, pruneSessionInterval, ...options });
    const express = await startExpress(undefined, {}, { store });
    t.after(() => {
      store.close();
      return express.stop();
    });
    return [express, twinjar];
  }

  test("schemaName, tableName and createTableIfMissing", async (t) => {
    await postgres.pool.query('CREATE SCHEMA "the shop"');
    const table = '"the shop"."all visitors"';
    const [express, twinjar] = await both(t, { schemaName: "the shop", tableName: "all visitors" });
    for (const [here, there] of [[express, twinjar], [twinjar, express]]) {
      const visitor = new Visitor();
      await visitor.post(here, "/session", { n: 1 });
      assert.deepEqual(await visitor.session(there), { n: 1 });
      assert.ok((await left(visitor, table)) > 86_000);
    }
    assert.equal(await ask(`SELECT count(*)::int AS answer FROM ${table}`), 2);
  });

  test("ttl and disableTouch", async (t) => {
    for (const server of await both(t, { ttl: 500, disableTouch: true })) {
      const visitor = new Visitor();
      await visitor.post(server, "/session", { n: 1 });
      assert.ok((await left(visitor)) > 480 && (await left(visitor)) <= 501, server.title);
      await postgres.pool.query("UPDATE session SET expire = now() + interval '100 seconds' WHERE sid = $1", [visitor.id()]);
      await visitor.get(server, "/session");
      assert.ok((await left(visitor)) <= 101, `${server.title}: a visit postpones nothing`);
      await visitor.post(server, "/incr");
      assert.ok((await left(visitor)) > 480, `${server.title}: a change does`);
    }
  });

  test("pruneSessionInterval", async (t) => {
    await both(t, {});
    await postgres.pool.query("INSERT INTO session VALUES ('over', '{\"cookie\":{}}', now() - interval '2 days')");
    await postgres.pool.query("INSERT INTO session VALUES ('open', '{\"cookie\":{}}', now() + interval '2 days')");
    const twinjar = await startTwinjar(postgres, {}, told({ pruneSessionInterval: 0.1 }));
    t.after(twinjar.stop);
    const there = () => ask("SELECT array_agg(sid::text) AS answer FROM session WHERE sid IN ('over', 'open')");
    for (const end = Date.now() + 10_000; (await there()).length > 1; ) assert.ok(Date.now() < end, "it is not removed");
    assert.deepEqual(await there(), ["open"]);
  });
});

describe("express-session's own options", () => {
  let redis;
  before(async () => (redis = await startRedis()));
  after(() => redis?.stop());

  test("genid", async (t) => {
    let count = 0;
    const express = await startExpress(redis, {}, { genid: () => `shop-${count++}` });
    t.after(express.stop);
    const twinjar = await startTwinjar(redis, {}, told({ genid: "shop-9" }));
    t.after(twinjar.stop);
    for (const [here, there] of [[express, twinjar], [twinjar, express]]) {
      const visitor = new Visitor();
      await visitor.post(here, "/session", { n: 1 });
      assert.match(visitor.id(), /^shop-\d+$/);
      assert.deepEqual(await visitor.session(there), { n: 1 });
    }
  });

  for (const [unset, goesOn] of [["keep", true], ["destroy", false]]) {
    test(`unset: ${unset}`, async (t) => {
      const express = await startExpress(redis, {}, { unset });
      t.after(express.stop);
      const twinjar = await startTwinjar(redis);
      t.after(twinjar.stop);
      const visitor = new Visitor();
      await visitor.post(twinjar, "/session", { n: 1 });
      await visitor.post(express, "/unset");
      assert.deepEqual(await visitor.session(twinjar), goesOn ? { n: 1 } : {});
    });
  }
});
