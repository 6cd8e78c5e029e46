// Sentences of server/EXPRESS.md that no other test holds to.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../support/redis.mjs";
import { goOn, startBoth, waiting } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis, both;
before(async () => {
  redis = await startRedis();
  both = await startBoth(redis, { maxAge: 600_000 });
});
after(async () => {
  await both?.stop();
  await redis?.stop();
});

const stored = (visitor) => redis.client.get(`sess:${visitor.id()}`);

test("a session of more than 1 MiB is read, and takes only changes that make it smaller", async () => {
  const visitor = new Visitor();
  const [large, n] = ["x".repeat(1_200_000), 0];
  assert.equal((await visitor.post(both.express, "/session", { large, n })).status, 200);
  assert.deepEqual(await visitor.session(both.twinjar), { large, n });
  const before = await stored(visitor);
  for (const [path, body] of [["/incr"], ["/session", { more: 1 }], ["/session", { large: large.replace("x", "y") }]]) {
    const { status, json } = await visitor.post(both.twinjar, path, body);
    assert.deepEqual([status, json.code], [413, "value_too_large"], path);
    assert.equal(await stored(visitor), before);
  }
  assert.equal((await visitor.post(both.twinjar, "/session", { large: large.slice(1) })).status, 200);
  assert.equal((await visitor.post(both.twinjar, "/session", { large: "" })).status, 200);
  assert.deepEqual((await visitor.post(both.twinjar, "/incr")).json, { session: { large: "", n: 1 } });
});

test("what a request has not saved when its client goes away is dropped, which Express saves", async () => {
  for (const [server, shown] of [[both.twinjar, { n: 1 }], [both.express, { n: 1, late: 1 }]]) {
    const visitor = new Visitor();
    await visitor.post(server, "/session", { n: 1 });
    const client = new AbortController();
    const cookie = `connect.sid=${visitor.jar.get("connect.sid")}`;
    const headers = { cookie, "content-type": "application/json" };
    const body = JSON.stringify({ late: 1 });
    const slow = fetch(`${server.origin}/slow?ms=15000`, { method: "POST", headers, body, signal: client.signal });
    await waiting(server, 1);
    client.abort();
    await assert.rejects(slow);
    // A handler here ends with its client; one of Express' goes on.
    if (server === both.express) await goOn(server);
    await waiting(server, 0);
    // Nobody says when Express has saved.
    for (let tries = 0; server === both.express && tries < 50 && !(await visitor.session(server)).late; tries++) await sleep(20);
    assert.deepEqual(await visitor.session(server), shown, server.title);
  }
});

test("a reload drops what Express has not saved, and keeps what this side has not", async () => {
  const answers = {};
  for (const [name, server] of Object.entries(both).filter(([name]) => name !== "stop")) {
    const visitor = new Visitor();
    await visitor.post(server, "/session", { n: 1 });
    answers[name] = (await visitor.post(server, "/reload", { n: 2, m: 3 })).json.session;
  }
  assert.deepEqual(answers, { express: { n: 1 }, twinjar: { n: 2, m: 3 } });
});
