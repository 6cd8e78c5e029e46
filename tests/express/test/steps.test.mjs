// The same steps on both servers leave the same behind: cookies, records, lifetimes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { line, stored } from "../support/look.mjs";
import { startRedis } from "../support/redis.mjs";
import { startBoth } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

let redis;
before(async () => (redis = await startRedis()));
after(() => redis.stop());

const STEPS = [
  ["GET", "/plain"],
  ["GET", "/session"],
  ["POST", "/session", { u: 1, list: [1, { a: null }], "key with \"quotes\"": "ä" }],
  ["GET", "/session"],
  ["POST", "/session", { u: 1 }],
  ["POST", "/session", { u: 2 }],
  ["POST", "/incr"],
  ["GET", "/plain"],
  ["GET", "/session"],
  ["POST", "/regenerate"],
  ["GET", "/session"],
  ["POST", "/login", { user: "alice" }],
  ["GET", "/session"],
  ["another visitor"],
  ["POST", "/logout"],
  ["GET", "/plain"],
  ["another visitor"],
  ["POST", "/regenerate"],
  ["GET", "/session"],
];

const MATRIX = [];
for (const maxAge of [undefined, 60_000]) {
  for (const rolling of [false, true]) {
    for (const resave of [false, true]) {
      for (const saveUninitialized of [false, true]) {
        MATRIX.push({ maxAge, rolling, resave, saveUninitialized, prefix: `p${MATRIX.length}:` });
      }
    }
  }
}
MATRIX.push({ proxy: true, maxAge: 60_000, prefix: "proxied:", rolling: true });
MATRIX.push({ name: "sid", secrets: ["a", "b"], prefix: "" });

for (const options of MATRIX) {
  const { prefix, ...told } = options;
  test(`the same steps: ${JSON.stringify(told)}`, async (t) => {
    const servers = await startBoth(redis, options);
    t.after(servers.stop);
    for (const scheme of options.proxy ? ["https", "http"] : [undefined]) {
      const headers = scheme ? { "x-forwarded-proto": scheme } : {};
      const visitors = { express: new Visitor(), twinjar: new Visitor() };
      for (const [number, [method, path, body]] of STEPS.entries()) {
        if (path === undefined) {
          for (const visitor of Object.values(visitors)) visitor.jar.clear();
          continue;
        }
        const looks = {};
        for (const side of ["express", "twinjar"]) {
          const answer = await visitors[side].send(servers[side], method, path, body, headers);
          const id = visitors[side].id(options.name);
          looks[side] = {
            status: answer.status,
            body: answer.json,
            lines: answer.lines.map(line),
            record: id === undefined ? null : await stored(redis, prefix, id),
          };
        }
        assert.deepEqual(looks.twinjar, looks.express, `step ${number + 1}: ${method} ${path} ${scheme ?? ""}`);
      }
    }
  });
}
