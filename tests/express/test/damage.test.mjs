// Records that Express did not write, or that it fails on: an answer in time, and the record left as it was.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { startRedis } from "../support/redis.mjs";
import { startTwinjar } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

const signature = createRequire(import.meta.resolve("express-session"))("cookie-signature");

let redis, twinjar, resaving;
before(async () => {
  redis = await startRedis();
  [twinjar, resaving] = await Promise.all([
    startTwinjar(redis),
    startTwinjar(redis, { resave: true, rolling: true, maxAge: 60_000 }),
  ]);
});
after(async () => {
  await Promise.all([twinjar?.stop(), resaving?.stop()]);
  await redis?.stop();
});

const COOKIE = '{"originalMaxAge":60000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}';
const deep = (levels) => "[".repeat(levels) + "]".repeat(levels);

/** A visitor whose cookie leads to this record. */
async function visitorOf(record, id) {
  await redis.client.set(`sess:${id}`, record, { EX: 600 });
  const visitor = new Visitor();
  visitor.jar.set("connect.sid", encodeURIComponent(`s:${signature.sign(id, "keyboard cat")}`));
  return visitor;
}

const UNREADABLE = {
  "no JSON": "hello",
  truncated: `{"cookie":${COOKIE},"n":`,
  "cut in a text": `{"cookie":${COOKIE},"n":"abc`,
  "more than one value": `{"cookie":${COOKIE}}{}`,
  "not UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
  "an array": "[]",
  "a text": '"x"',
  "a number": "5",
  "no cookie": '{"n":1}',
  "the cookie is null": '{"cookie":null,"n":1}',
  "the cookie is a text": '{"cookie":"x","n":1}',
  "the lifetime is a text": '{"cookie":{"originalMaxAge":"60000"},"n":1}',
  "the lifetime is an object": '{"cookie":{"originalMaxAge":{}},"n":1}',
  "the lifetime is beyond all dates": '{"cookie":{"originalMaxAge":1e300},"n":1}',
  "the lifetime is beyond all numbers": '{"cookie":{"originalMaxAge":1e999},"n":1}',
  "an unknown sameSite": '{"cookie":{"sameSite":"sometimes"},"n":1}',
  "unknown settings behind known ones": '{"cookie":{"originalMaxAge":60000,"sameSite":"sometimes"},"n":1}',
  "the path is a number": '{"cookie":{"path":5},"n":1}',
  "nothing but brackets": deep(20_000),
};

describe("what cannot be read is answered 503 and kept", () => {
  for (const [kind, record] of Object.entries(UNREADABLE)) {
    test(kind, async () => {
      for (const server of [twinjar, resaving]) {
        const visitor = await visitorOf(record, kind);
        for (const [method, path, body] of [["GET", "/session"], ["POST", "/session", { n: 2 }], ["POST", "/incr"], ["POST", "/login", { user: "a" }]]) {
          const { status, json, lines } = await visitor.send(server, method, path, body);
          assert.deepEqual([status, json.code, lines], [503, "store_unavailable", []], `${method} ${path}`);
        }
        const kept = await redis.client.sendCommand(["GET", `sess:${kind}`]);
        assert.equal(kept, record.toString(), "the record is as it was");
        assert.ok((await redis.client.ttl(`sess:${kind}`)) > 590, "and lives as long as before");
      }
    });
  }
});

test("where a cookie leads to damage, another one may lead to a session", async () => {
  const damaged = await visitorOf("{", "damaged");
  const visitor = new Visitor();
  await visitor.post(twinjar, "/session", { n: 1 });
  const cookies = [damaged, visitor].map(({ jar }) => `connect.sid=${jar.get("connect.sid")}`);
  for (const header of [cookies, cookies.toReversed()]) {
    const answer = await new Visitor().get(twinjar, "/session", { cookie: header.join("; ") });
    assert.deepEqual([answer.status, answer.json], [200, { session: { n: 1 } }]);
  }
  const stale = encodeURIComponent(`s:${signature.sign("nobody", "keyboard cat")}`);
  const { status } = await new Visitor().get(twinjar, "/session", { cookie: `${cookies[0]}; connect.sid=${stale}` });
  assert.equal(status, 503, "else the damage is told");
  assert.equal(await redis.client.get("sess:damaged"), "{");
});

test("another kind of key is answered 503 and kept", async () => {
  const visitor = await visitorOf("", "list");
  await redis.client.del("sess:list");
  await redis.client.rPush("sess:list", "x");
  assert.equal((await visitor.get(twinjar, "/session")).status, 503);
  assert.deepEqual(await redis.client.lRange("sess:list", 0, -1), ["x"]);
});

describe("what Express takes for no session is none here", () => {
  for (const record of ["null", "false", "0", '""', ""]) {
    test(JSON.stringify(record), async () => {
      const visitor = await visitorOf(record, "none");
      assert.deepEqual(await visitor.session(twinjar), {});
      await visitor.post(twinjar, "/session", { n: 1 });
      assert.notEqual(visitor.id(), "none", "an id that has no session is not taken over");
      assert.equal(await redis.client.get("sess:none"), record);
    });
  }
});

describe("what is merely odd is read, and kept when something else is written", () => {
  const rows = {
    "nested 20,000 deep": [`"deep":${deep(20_000)}`, undefined],
    "numbers beyond JavaScript's": ['"big":1e999,"digits":1234567890123456789012345678901234567890', undefined],
    "names that a session has itself": ['"save":1,"id":2,"__proto__":{"x":3},"constructor":4,"n":1', { n: 1 }],
    "a name twice": ['"n":1,"n":2', { n: 2 }],
    "white space": [' "n" : 1 ', { n: 1 }],
  };
  for (const [kind, [members, shown]] of Object.entries(rows)) {
    test(kind, async () => {
      const visitor = await visitorOf(`{"cookie":${COOKIE},${members}}`, "odd");
      const { status, json } = await visitor.get(twinjar, "/session");
      assert.equal(status, 200);
      if (shown) assert.deepEqual(json.session, shown);
      assert.equal((await visitor.post(twinjar, "/session", { added: true })).status, 200);
      const record = await redis.client.get("sess:odd");
      assert.ok(record.includes(members.trim()) && /"added":true ?\}$/.test(record), record.slice(0, 200));
    });
  }
});

test("values that Express would hang on are not written", async () => {
  const visitor = new Visitor();
  await visitor.post(twinjar, "/session", { n: 1 });
  const before = await redis.client.get(`sess:${visitor.id()}`);
  for (const body of [`{"deep":${deep(20_000)}}`, '{"cookie":{"path":"/x"}}', '{"id":1}', '{"__proto__":{"x":1}}', "[1]", "null", "{"]) {
    const { status } = await visitor.post(twinjar, "/session", body);
    assert.ok(status === 422 || status === 400, `${status} for ${body.slice(0, 40)}`);
    assert.equal(await redis.client.get(`sess:${visitor.id()}`), before);
  }
  assert.deepEqual(await visitor.session(twinjar), { n: 1 });
});
