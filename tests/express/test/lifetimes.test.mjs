// How long sessions live: by Redis' clock, and never by the date in the record, which goes stale.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../support/redis.mjs";
import { goOn, startBoth, startTwinjar, waiting } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis;
before(async () => (redis = await startRedis()));
after(() => redis.stop());

/** Another lifetime for the key than it had. */
async function shorten(id, seconds) {
  assert.equal(await redis.client.expire(`sess:${id}`, seconds), 1);
}

for (const [maxAge, expected] of [[undefined, 86_400], [60_000, 60], [1_500, 2], [1, 1]]) {
  test(`with maxAge ${maxAge} a record lives ${expected} s, on either side`, async (t) => {
    const both = await startBoth(redis, { maxAge });
    t.after(both.stop);
    for (const server of [both.express, both.twinjar]) {
      const visitor = new Visitor();
      const { lines } = await visitor.post(server, "/session", { n: 1 });
      const id = visitor.id() ?? decodeURIComponent(lines[0].split("=")[1]).slice(2, 34);
      const ttl = await redis.client.ttl(`sess:${id}`);
      assert.ok(ttl <= expected && ttl >= expected - 3 || ttl === -2 && maxAge < 2000, `${server.title}: ${ttl}`);
    }
  });
}

test("reading postpones the end and leaves the record alone", async (t) => {
  const both = await startBoth(redis, { maxAge: 600_000 });
  t.after(both.stop);
  for (const server of [both.express, both.twinjar]) {
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    const key = `sess:${visitor.id()}`;
    const before = await redis.client.get(key);
    await shorten(visitor.id(), 100);
    await visitor.get(server, "/session");
    assert.ok((await redis.client.ttl(key)) > 590, server.title);
    assert.equal(await redis.client.get(key), before, server.title);
  }
});

test("a date in the record that has passed ends nothing", async (t) => {
  const both = await startBoth(redis, { maxAge: 600_000 });
  t.after(both.stop);
  for (const server of [both.express, both.twinjar]) {
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    const key = `sess:${visitor.id()}`;
    const stale = (await redis.client.get(key)).replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00.000Z"');
    await redis.client.set(key, stale, { EX: 100 });
    assert.deepEqual(await visitor.session(server), { n: 1 }, server.title);
  }
});

test("what Redis has let go is gone on either side, and its id is not taken over", async (t) => {
  const both = await startBoth(redis, { maxAge: 600_000 });
  t.after(both.stop);
  for (const server of [both.express, both.twinjar]) {
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    const id = visitor.id();
    await redis.client.pExpire(`sess:${id}`, 20);
    await sleep(60);
    assert.deepEqual(await visitor.session(server), {}, server.title);
    await visitor.post(server, "/session", { n: 2 });
    assert.notEqual(visitor.id(), id, server.title);
  }
});

test("IDLE_SECONDS is how long a session without maxAge lives", async (t) => {
  const twinjar = await startTwinjar(redis, {}, { IDLE_SECONDS: "100" });
  t.after(twinjar.stop);
  const visitor = new Visitor();
  await visitor.post(twinjar, "/session", { n: 1 });
  const ttl = await redis.client.ttl(`sess:${visitor.id()}`);
  assert.ok(ttl > 90 && ttl <= 100, String(ttl));
});

test("a request that does not ask for its session does not touch it", async (t) => {
  const twinjar = await startTwinjar(redis, { maxAge: 600_000 });
  t.after(twinjar.stop);
  const visitor = new Visitor();
  await visitor.post(twinjar, "/session", { n: 1 });
  await shorten(visitor.id(), 100);
  assert.deepEqual((await visitor.get(twinjar, "/plain")).lines, []);
  assert.ok((await redis.client.ttl(`sess:${visitor.id()}`)) <= 100);
});

for (const options of [{ rolling: true }, { resave: true }]) {
  const [option] = Object.keys(options);

  test(`with ${option} it does, as on Express`, async (t) => {
    const both = await startBoth(redis, { maxAge: 600_000, ...options });
    t.after(both.stop);
    for (const server of [both.express, both.twinjar]) {
      const visitor = new Visitor();
      await visitor.post(server, "/session", { n: 1 });
      await shorten(visitor.id(), 100);
      const key = `sess:${visitor.id()}`;
      const before = await redis.client.get(key);
      assert.equal((await visitor.get(server, "/plain")).lines.length, options.rolling ? 1 : 0, server.title);
      assert.ok((await redis.client.ttl(key)) > 590, server.title);
      const isSaved = (await redis.client.get(key)) !== before;
      assert.equal(isSaved, Boolean(options.resave), `${server.title}: the date in the record`);
      assert.deepEqual((await new Visitor().get(server, "/plain")).lines, [], `${server.title}: no session begins`);
    }
  });

  test(`with ${option} what nobody has asked for waits for no turn`, async (t) => {
    const twinjar = await startTwinjar(redis, options, { LOCKING: "exclusive" });
    t.after(twinjar.stop);
    const visitor = new Visitor();
    await visitor.post(twinjar, "/session", { n: 1 });
    const slow = visitor.post(twinjar, "/slow?ms=15000", { n: 2 });
    await waiting(twinjar, 1);
    assert.equal((await visitor.get(twinjar, "/plain")).status, 200);
    await goOn(twinjar);
    assert.equal((await slow).status, 200);
    assert.deepEqual(await visitor.session(twinjar), { n: 2 });
  });

  test(`with ${option} a record that cannot be read is an error on all routes, and is looked up once`, async (t) => {
    const both = await startBoth(redis, options);
    t.after(both.stop);
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    const damaged = '{"n":1}';
    await redis.client.set(`sess:${visitor.id()}`, damaged);
    for (const path of ["/session", "/plain"]) {
      assert.equal((await visitor.get(both.express, path)).status, 500, path);
      await redis.client.configResetStat();
      assert.equal((await visitor.get(both.twinjar, path)).status, 503, path);
      assert.match(await redis.client.info("commandstats"), /^cmdstat_get:calls=1,/m, path);
      assert.equal(await redis.client.get(`sess:${visitor.id()}`), damaged, path);
    }
  });
}
