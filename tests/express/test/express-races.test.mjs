// Express and twinjar write to one session at once, each in processes of its own: this side undoes nothing and brings
// nothing back, and what Express' blind saves undo is what the guide says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../support/redis.mjs";
import { goOn, startExpressProcess, startTwinjar, waiting } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis, peers, twins;
before(async () => {
  redis = await startRedis();
  const options = { maxAge: 600_000 };
  [peers, twins] = await Promise.all([
    Promise.all([0, 1].map(() => startExpressProcess(redis, options))),
    Promise.all([{}, { rolling: true, resave: true }].map((more) => startTwinjar(redis, { ...options, ...more }))),
  ]);
});
after(async () => {
  await Promise.all([...(peers ?? []), ...(twins ?? [])].map((server) => server.stop()));
  await redis?.stop();
});

/** A session, copies of its visitor, and a look at its record. */
async function session(data, server = peers[0]) {
  const visitor = new Visitor();
  assert.equal((await visitor.post(server, "/session", data)).status, 200);
  const copy = () => Object.assign(new Visitor(), { jar: new Map(visitor.jar) });
  const key = `sess:${visitor.id()}`;
  return { visitor, copy, key, record: async () => JSON.parse(await redis.client.get(key)) };
}

/** Sends requests one after the other until `done`, and answers with what came back. */
async function keepUp(done, send) {
  const answers = [];
  for (let n = 0; !done(); n++) answers.push(await send(n));
  return answers;
}

const statuses = (answers) => [...new Set(answers.map(({ status }) => status))].sort();

test("no write of Express' is undone by twinjar's, and none fails", async () => {
  const { visitor, copy, record } = await session({ n: 0 });
  let over = false;
  const ours = Promise.all([0, 1, 2, 3].map((hand) => keepUp(() => over, (n) =>
    n % 2 === 0 ? copy().post(twins[hand % 2], "/incr") : copy().post(twins[hand % 2], "/session", { [`t${hand}`]: n }))));
  // One after the other: Express' own would undo each other.
  for (let n = 1; n <= 150; n++) {
    const answer = await copy().post(peers[n % 2], "/session", { e: n, [`e${n % 7}`]: n });
    assert.equal(answer.status, 200);
    const found = await record();
    assert.deepEqual([found.e, found[`e${n % 7}`]], [n, n], `write ${n}`);
    if (n % 10 === 0) assert.deepEqual((await copy().get(twins[0], "/session")).json.session.e, n);
  }
  over = true;
  const answers = (await ours).flat();
  assert.ok(answers.length > 50, `${answers.length} writes here`);
  assert.deepEqual(statuses(answers), [200]);

  const { n } = await record();
  await Promise.all(Array.from({ length: 40 }, (_, hand) => copy().post(twins[hand % 2], "/incr")));
  assert.equal((await visitor.session(peers[0])).n, n + 40, "once Express writes no more, nothing is lost");
});

test("readers on Express undo nothing", async () => {
  const { visitor, copy } = await session({ n: 0 });
  let over = false;
  const theirs = Promise.all(peers.map((peer) => keepUp(() => over, () => copy().get(peer, "/session"))));
  for (let round = 0; round < 25; round++) {
    await Promise.all([0, 1, 2, 3].map((hand) => copy().post(twins[hand % 2], "/incr")));
  }
  over = true;
  assert.deepEqual(statuses((await theirs).flat()), [200]);
  assert.equal((await visitor.session(peers[1])).n, 100);
});

for (const [where, paths] of [["Express", ["/logout", "/login", "/regenerate"]], ["twinjar", ["/logout", "/login", "/regenerate"]]]) {
  test(`whenever a session ends or moves on ${where}, no write here brings its id back`, async () => {
    for (let round = 0; round < 24; round++) {
      const { copy, key } = await session({ n: 0 });
      let over = false;
      const writes = Promise.all([0, 1, 2, 3].map((hand) => keepUp(() => over, (n) =>
        n % 2 === 0 ? copy().post(twins[hand % 2], "/incr") : copy().get(twins[hand % 2], "/session"))));
      const reads = keepUp(() => over, () => copy().get(peers[1], "/session"));
      await sleep(round);
      const ender = where === "Express" ? peers[0] : twins[round % 2];
      const ended = await copy().post(ender, paths[round % 3], { user: "alice" });
      assert.equal(ended.status, 200, ended.text);
      assert.equal(await redis.client.exists(key), 0, "ended");
      await sleep(20);
      over = true;
      for (const status of statuses((await writes).flat())) assert.ok([200, 410].includes(status), String(status));
      assert.deepEqual(statuses(await reads), [200]);
      assert.equal(await redis.client.exists(key), 0, `${paths[round % 3]}, round ${round}: it has come back`);
    }
  });
}

test("a late write with an id from before a login elsewhere begins an anonymous session", async () => {
  for (const login of [peers[0], twins[0]]) {
    const { visitor, copy, key } = await session({ n: 5, secret: "x" });
    const late = copy();
    await visitor.post(login, "/login", { user: "alice" });
    const answer = await late.post(twins[1], "/session", { late: 1 });
    assert.deepEqual([answer.status, answer.json, answer.lines.length], [200, { session: { late: 1 } }, 1], login.title);
    assert.deepEqual(await late.session(peers[0]), { late: 1 }, "of nobody, with nothing of the session");
    assert.equal(await redis.client.exists(key), 0);
    assert.deepEqual(await visitor.session(twins[1]), { n: 5, secret: "x", user: "alice" });
  }
});

// What the guide says that this side cannot see to.

test("a write that Express has begun before undoes what twinjar has written meanwhile", async () => {
  const { visitor, copy } = await session({ n: 0 });
  const slow = copy().post(peers[0], "/slow?ms=15000", { there: 1 });
  await waiting(peers[0], 1);
  assert.deepEqual((await copy().post(twins[0], "/incr")).json.session.n, 1);
  await goOn(peers[0]);
  assert.equal((await slow).status, 200);
  for (const server of [peers[1], ...twins]) assert.deepEqual(await visitor.session(server), { n: 0, there: 1 });
  assert.deepEqual((await copy().post(twins[1], "/incr")).json.session, { n: 1, there: 1 }, "and then it goes on");
});

for (const path of ["/logout", "/regenerate", "/login"]) {
  test(`a write that Express has begun before ${path} here brings the old id back, with what was there before`, async () => {
    const { visitor, copy, key, record } = await session({ n: 0 });
    const slow = [copy().post(peers[0], "/slow?ms=15000", { there: 1 }), copy().get(peers[0], "/slow?ms=15000")];
    await waiting(peers[0], 2);
    assert.equal((await visitor.post(twins[0], path, { user: "alice" })).status, 200);
    assert.equal(await redis.client.exists(key), 0);
    await goOn(peers[0]);
    await Promise.all(slow);
    const { cookie, ...data } = await record();
    assert.deepEqual(data, { n: 0, there: 1 });
    assert.deepEqual(await visitor.session(peers[0]), path === "/logout" ? {} : { n: 0, ...(path === "/login" ? { user: "alice" } : {}) });
  });
}
