// The same on connect-pg-simple's table.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { line } from "../support/look.mjs";
import { startPostgres } from "../support/postgres.mjs";
import { goOn, startBothOnPostgres, waiting } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let postgres;
before(async () => (postgres = await startPostgres()));
after(() => postgres?.stop());

/** The row of a session; `left` is in seconds. */
async function row(id) {
  const statement = "SELECT sess::text AS text, extract(epoch FROM expire::timestamptz - now())::float8 AS left FROM session WHERE sid = $1";
  return (await postgres.pool.query(statement, [id])).rows[0];
}

async function look(id) {
  const found = id === undefined ? undefined : await row(id);
  if (!found) return null;
  const { cookie, ...data } = JSON.parse(found.text);
  return { settings: Object.keys(cookie), data, left: Math.round(found.left / 10) };
}

const STEPS = [
  ["GET", "/session"],
  ["POST", "/session", { u: 1, list: [1, { a: null }], "ä\"": "\u0001" }],
  ["POST", "/session", { u: 1 }],
  ["POST", "/incr"],
  ["GET", "/session"],
  ["POST", "/login", { user: "alice" }],
  ["GET", "/session"],
  ["POST", "/regenerate"],
];

for (const options of [{}, { maxAge: 600_000, rolling: true }, { maxAge: 600_000, resave: true, saveUninitialized: true }]) {
  test(`the same steps leave the same: ${JSON.stringify(options)}`, async (t) => {
    const both = await startBothOnPostgres(postgres, options);
    t.after(both.stop);
    const visitors = { express: new Visitor(), twinjar: new Visitor() };
    for (const [number, [method, path, body]] of STEPS.entries()) {
      const looks = {};
      for (const side of ["express", "twinjar"]) {
        const { status, json, lines } = await visitors[side].send(both[side], method, path, body);
        looks[side] = { status, json, lines: lines.map(line), row: await look(visitors[side].id()) };
      }
      assert.deepEqual(looks.twinjar, looks.express, `step ${number + 1}: ${method} ${path}`);
    }
  });
}

test("what one side does, the other sees", async (t) => {
  const both = await startBothOnPostgres(postgres, { maxAge: 600_000 });
  t.after(both.stop);
  for (const [here, there] of [["express", "twinjar"], ["twinjar", "express"]]) {
    const visitor = new Visitor();
    await visitor.post(both[here], "/session", { cart: [1.5, "😀"] });
    await visitor.post(both[there], "/login", { user: "alice" });
    assert.deepEqual(await visitor.session(both[here]), { cart: [1.5, "😀"], user: "alice" });
    const other = Object.assign(new Visitor(), { jar: new Map(visitor.jar) });
    await visitor.post(both[here], "/logout");
    assert.deepEqual(await other.session(both[there]), {});
    assert.equal(await row(other.id()), undefined);
  }
});

test("no update is lost, and nothing comes back", async (t) => {
  const both = await startBothOnPostgres(postgres, { maxAge: 600_000 });
  t.after(both.stop);
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 0 });
  const copy = () => Object.assign(new Visitor(), { jar: new Map(visitor.jar) });
  const answers = await Promise.all(Array.from({ length: 40 }, () => copy().post(both.twinjar, "/incr")));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.deepEqual(await visitor.session(both.express), { n: 40 });

  const late = copy();
  const slow = late.post(both.twinjar, "/slow?ms=15000", { late: 1 });
  await waiting(both.twinjar, 1);
  await copy().post(both.express, "/logout");
  await goOn(both.twinjar);
  assert.equal((await slow).status, 410);
  assert.equal(await row(visitor.id()), undefined);
});

test("reading postpones the end, and what has ended is gone", async (t) => {
  const both = await startBothOnPostgres(postgres, { maxAge: 600_000 });
  t.after(both.stop);
  for (const server of [both.express, both.twinjar]) {
    const visitor = new Visitor();
    await visitor.post(both.express, "/session", { n: 1 });
    const end = (seconds) =>
      postgres.pool.query("UPDATE session SET expire = to_timestamp($1) WHERE sid = $2", [Date.now() / 1000 + seconds, visitor.id()]);
    await end(60);
    await visitor.get(server, "/session");
    assert.ok((await row(visitor.id())).left > 590, server.title);
    await end(-60);
    assert.deepEqual(await visitor.session(server), {}, server.title);
  }
});

test("a record that cannot be read is kept", async (t) => {
  const both = await startBothOnPostgres(postgres);
  t.after(both.stop);
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 1 });
  for (const text of ["[]", "5", '{"n":1}', '{"cookie":null}', '{"cookie":{"originalMaxAge":"x"}}']) {
    await postgres.pool.query("UPDATE session SET sess = $1::json WHERE sid = $2", [text, visitor.id()]);
    for (const [method, path] of [["GET", "/session"], ["POST", "/incr"]]) {
      assert.equal((await visitor.send(both.twinjar, method, path)).status, 503, text);
    }
    assert.equal((await row(visitor.id())).text, text);
  }
});
