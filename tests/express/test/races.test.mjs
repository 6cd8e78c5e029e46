// Requests at once: nothing is lost and nothing comes back, as far as this side can see to it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../support/redis.mjs";
import { goOn, startExpress, startTwinjar, waiting } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis, express, twins, taking, rolling, eager;
before(async () => {
  redis = await startRedis();
  [express, taking, eager, rolling, ...twins] = await Promise.all([
    startExpress(redis),
    startTwinjar(redis, {}, { LOCKING: "exclusive" }),
    startTwinjar(redis, { saveUninitialized: true }),
    Promise.all([{}, { resave: true }].map((more) => startTwinjar(redis, { rolling: true, ...more }))),
    startTwinjar(redis),
    startTwinjar(redis, { resave: true }),
  ]);
});
after(async () => {
  await Promise.all([express, taking, eager, ...(rolling ?? []), ...(twins ?? [])].map((server) => server?.stop()));
  await redis?.stop();
});

/** A visitor with a session, and others that carry the same cookie. */
async function session(data, server = express) {
  const visitor = new Visitor();
  assert.equal((await visitor.post(server, "/session", data)).status, 200);
  const copy = () => Object.assign(new Visitor(), { jar: new Map(visitor.jar) });
  return { visitor, copy, key: `sess:${visitor.id()}` };
}

const many = (count, make) => Promise.all(Array.from({ length: count }, (_, n) => make(n)));

test("no increment of two twinjar servers is lost", async () => {
  const { visitor, copy } = await session({ n: 0 });
  const answers = await many(60, (n) => copy().post(twins[n % 2], "/incr"));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.deepEqual(await visitor.session(express), { n: 60 });
});

test("different values set at once all stay", async () => {
  const { visitor, copy } = await session({ n: 0 });
  const writes = many(20, (n) => copy().post(twins[n % 2], "/slow?ms=15000", { [`k${n}`]: n }));
  for (const twin of twins) await waiting(twin, 10);
  await Promise.all(twins.map(goOn));
  await writes;
  const expected = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, n]));
  assert.deepEqual(await visitor.session(express), { n: 0, ...expected });
});

test("requests that take turns lose nothing though they get and then insert", async () => {
  const { visitor, copy } = await session({ n: 0 });
  await many(20, () => copy().post(taking, "/slow-write"));
  assert.deepEqual(await visitor.session(express), { n: 20 });
});

test("what Express has stored meanwhile is merged, not overwritten", async () => {
  const { visitor, copy } = await session({ n: 0 });
  const slow = copy().post(twins[0], "/slow?ms=15000", { here: 1 });
  await waiting(twins[0], 1);
  await copy().post(express, "/session", { there: 2 });
  await goOn(twins[0]);
  assert.equal((await slow).status, 200);
  assert.deepEqual(await visitor.session(express), { n: 0, there: 2, here: 1 });
});

for (const ender of ["Express", "twinjar"]) {
  test(`a request in flight here does not undo a logout on ${ender}`, async () => {
    for (const [server, reads] of [[twins[0], 200], [twins[1], 200]]) {
      const { copy, key } = await session({ n: 0 });
      const slow = [
        copy().post(server, "/slow?ms=15000", { late: 1 }),
        copy().get(server, "/slow?ms=15000"),
      ];
      await waiting(server, 2);
      assert.equal((await copy().post(ender === "Express" ? express : twins[0], "/logout")).status, 200);
      await goOn(server);
      const [write, read] = await Promise.all(slow);
      assert.deepEqual([write.status, write.json.code], [410, "session_gone"]);
      assert.deepEqual([read.status, read.lines], [reads, []], "a reader changes nothing");
      assert.equal(await redis.client.exists(key), 0, "nothing has come back");
    }
  });
}

test("a late answer does not clear the cookie of a login that came meanwhile", async () => {
  const { copy } = await session({ n: 0 });
  const slow = copy().post(twins[0], "/slow?ms=15000", { late: 1 });
  await waiting(twins[0], 1);
  await copy().post(express, "/login", { user: "alice" });
  await goOn(twins[0]);
  const { status, lines } = await slow;
  assert.deepEqual([status, lines], [410, []]);
});

test("a request with the id from before a login begins no session in the place of that", async () => {
  for (const server of [twins[0], eager]) {
    for (const path of ["/login", "/regenerate"]) {
      const { visitor, copy } = await session({ n: 0 }, server);
      const old = copy();
      await visitor.post(server, path, { user: "alice" });
      for (const [method, path] of [["POST", "/session"], ["POST", "/incr"], ["POST", "/new"], ["POST", "/regenerate"]]) {
        const { status, json, lines } = await old.send(server, method, path, { late: 1 });
        assert.deepEqual([status, json.code, lines], [410, "session_gone", []], `${server.title} ${path}`);
      }
      for (const path of ["/session", "/plain"]) {
        const { status, lines } = await old.get(server, path);
        assert.deepEqual([status, lines], [200, []], path);
      }
      const login = await old.post(server, "/login", { user: "bob" });
      assert.deepEqual([login.status, login.lines.length], [200, 1], "another login is no accident");
      assert.equal((await visitor.session(server)).n, 0);
    }
  }
});

test("who is told that the session has ended gets no other one with that", async () => {
  for (const logout of ["/logout", "/login"]) {
    const { copy } = await session({ n: 0 });
    const slow = [copy().post(eager, "/slow?ms=15000", { late: 1 }), copy().get(eager, "/slow?ms=15000")];
    await waiting(eager, 2);
    await copy().post(express, logout, { user: "alice" });
    await goOn(eager);
    const [write, read] = await Promise.all(slow);
    assert.deepEqual([write.status, write.lines], [410, []], logout);
    assert.deepEqual([read.status, read.lines], [200, []], logout);
  }
});

for (const [who, method, path] of [["reads", "GET", "/slow?ms=15000"], ["has written", "POST", "/incr?ms=15000"]]) {
  test(`a late answer to who only ${who} sets no cookie over that of a login`, async () => {
    for (const server of rolling) {
      for (const there of [express, server]) {
        const { visitor, copy } = await session({ n: 0 }, server);
        const slow = copy().send(server, method, path);
        await waiting(server, 1);
        // A commit of the last 100 ms is taken for the last word.
        await sleep(150);
        assert.equal((await visitor.post(there, "/login", { user: "alice" })).status, 200);
        await goOn(server);
        const { status, lines } = await slow;
        assert.deepEqual([status, lines], [200, []], `login on ${there.title}`);
      }
    }
  });
}

test("both sides under load at once answer everything, and what only one side writes is whole", async () => {
  const { visitor, copy } = await session({ n: 0 });
  const work = [];
  for (let n = 0; n < 200; n++) {
    work.push(n % 2 === 0 ? copy().post(twins[n % 4 / 2], "/incr") : copy().get(express, "/session"));
  }
  const statuses = (await Promise.all(work)).map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.deepEqual(await visitor.session(express), { n: 100 });
});

test("while Redis is away requests fail, and none is taken for a visitor without a session", async () => {
  const away = await startRedis();
  const server = await startTwinjar(away);
  try {
    const visitor = new Visitor();
    await visitor.post(server, "/session", { n: 1 });
    const cookie = new Map(visitor.jar);
    process.kill(away.pid, "SIGSTOP");
    try {
      for (const [method, path] of [["GET", "/session"], ["POST", "/incr"], ["POST", "/logout"]]) {
        const { status, json, lines } = await visitor.send(server, method, path);
        assert.deepEqual([status, json.code, lines], [503, "store_unavailable", []], path);
      }
      assert.equal((await visitor.get(server, "/plain")).status, 200, "what needs no session is served");
    } finally {
      process.kill(away.pid, "SIGCONT");
    }
    visitor.jar = cookie;
    for (let tries = 0; ; tries++) {
      const { status } = await visitor.get(server, "/session");
      if (status === 200) break;
      assert.ok(tries < 50, "it does not come back");
      await sleep(100);
    }
  } finally {
    await server.stop();
    await away.stop();
  }
});
