// Sessions that move from Express into twinjar's own format when they are first seen there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RedisStore } from "connect-redis";
import { startRedis } from "../support/redis.mjs";
import { startAdopter, startExpress } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis, express, natives, late;
before(async () => {
  redis = await startRedis();
  [express, late, ...natives] = await Promise.all([
    startExpress(redis, { maxAge: 600_000 }),
    startAdopter(redis, { ADOPT_UNTIL: String(Date.now() - 1000) }),
    startAdopter(redis),
    startAdopter(redis, { LOCKING: "exclusive" }),
  ]);
});
after(async () => {
  await Promise.all([express, late, ...(natives ?? [])].map((server) => server?.stop()));
  await redis?.stop();
});

async function session(data = { user: "alice", cart: [1, 2.50] }) {
  const visitor = new Visitor();
  await visitor.post(express, "/session", data);
  return { visitor, id: visitor.id(), cookie: new Map(visitor.jar), data };
}

const carrying = (cookie) => Object.assign(new Visitor(), { jar: new Map(cookie) });
const ownKeys = async () => (await redis.client.keys("twinjar:s:*")).length;

test("a session of Express' goes on here, under another id and another cookie", async () => {
  const { visitor, id, cookie, data } = await session();
  const before = await ownKeys();
  const answer = await visitor.get(natives[0], "/session");
  assert.deepEqual(answer.json, { session: data });
  assert.deepEqual([...visitor.jar.keys()], ["id"], "the browser has forgotten Express' cookie");
  assert.ok(!visitor.jar.get("id").includes(id));
  assert.equal(await ownKeys(), before + 1);
  assert.equal(await redis.client.exists(`sess:${id}`), 0);
  assert.deepEqual(await carrying(cookie).session(express), {}, "for Express it has ended");

  await visitor.post(natives[1], "/incr");
  assert.deepEqual(await visitor.session(natives[0]), { ...data, n: 1 });
  const again = carrying(cookie);
  assert.deepEqual(await again.session(natives[1]), { ...data, n: 1 }, "Express' cookie leads to the one session");
  assert.equal(await ownKeys(), before + 1);
});

test("requests that arrive at once all find the one session", async () => {
  const { cookie, data } = await session();
  const before = await ownKeys();
  const found = await Promise.all(
    Array.from({ length: 24 }, (_, n) => carrying(cookie).session(natives[n % 2])),
  );
  for (const session of found) assert.deepEqual(session, data);
  assert.equal(await ownKeys(), before + 1);
});

test("what a request writes is in the session that it takes over", async () => {
  const { visitor, data } = await session();
  assert.deepEqual((await visitor.post(natives[1], "/incr")).json, { session: { ...data, n: 1 } });
  assert.deepEqual(await visitor.session(natives[0]), { ...data, n: 1 });
});

test("after a logout nothing brings it back", async () => {
  const { visitor, cookie } = await session();
  await visitor.get(natives[0], "/session");
  await visitor.post(natives[0], "/logout");
  for (const server of [...natives, express]) {
    assert.deepEqual(await carrying(cookie).session(server), {}, server.title);
  }
});

test("a session that has ended on Express is not taken over", async () => {
  const { visitor, cookie } = await session();
  await visitor.post(express, "/logout");
  assert.deepEqual(await carrying(cookie).session(natives[0]), {});
});

test("what a server left half done before it died is done by the next", async () => {
  const { id, cookie, data } = await session();
  await redis.client.rename(`sess:${id}`, `sess:twinjar-adopted:${id}`);
  assert.deepEqual(await carrying(cookie).session(natives[0]), data);
  assert.deepEqual(await carrying(cookie).session(natives[1]), data);
  const note = JSON.parse(await redis.client.get(`sess:twinjar-adopted:${id}`));
  assert.match(note["taken over by twinjar as"], /^[\w-]{16}$/);
});

test("Express can still list its sessions", async () => {
  const { visitor } = await session();
  await visitor.get(natives[0], "/session");
  const store = new RedisStore({ client: redis.client });
  const listed = await store.all();
  assert.ok(listed.length > 0 && listed.every((session) => session.cookie));
});

test("forged cookies and damaged records are left alone", async () => {
  const { id, cookie } = await session();
  const forged = carrying([["connect.sid", cookie.get("connect.sid").slice(0, -1)]]);
  assert.deepEqual(await forged.session(natives[0]), {});
  await redis.client.set(`sess:${id}`, "{", { KEEPTTL: true });
  assert.deepEqual(await carrying(cookie).session(natives[0]), {});
  assert.equal(await redis.client.get(`sess:${id}`), "{");
});

test("after the last day nothing is taken over any more", async () => {
  const { cookie, data } = await session();
  assert.deepEqual(await carrying(cookie).session(late), {});
  assert.deepEqual(await carrying(cookie).session(express), data);
});
