// JSON as other clients spell it: what is put in is stored as JSON.stringify writes it, as Express stores it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dice } from "../support/dice.mjs";
import { startRedis } from "../support/redis.mjs";
import { startBoth } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

const SEED = 20_261_130;
const COUNT = 1000;

let redis, both;
before(async () => {
  redis = await startRedis();
  both = await startBoth(redis);
});
after(async () => {
  await both?.stop();
  await redis?.stop();
});

const stored = (visitor) => redis.client.get(`sess:${visitor.id()}`);

/** What each side stores of a body. */
async function puts(body) {
  const records = {};
  for (const side of ["express", "twinjar"]) {
    const visitor = new Visitor();
    const { status, text } = await visitor.post(both[side], "/session", body);
    assert.equal(status, 200, `${side}: ${text}`);
    records[side] = await stored(visitor);
  }
  return records;
}

/** Values as JSON texts, spelt in one of the ways that JSON leaves open. */
function spellings({ below, one, some }) {
  const blank = () => some(2, () => one([" ", "\n", "\t", "\r"])).join("");
  const hex = (unit) => `\\u${one([(x) => x, (x) => x.toUpperCase()])(unit.toString(16).padStart(4, "0"))}`;
  const text = () => {
    const piece = () => one(["a", "Z", "0", "/", "\\/", "\\\"", "\\\\", "\\n", "\\t", "\\b", "é", "漢", "😀", "\u007f", "\u2028", hex(below(0x10000)),
      hex(below(0x80)), hex(0xd800 + below(0x400)), hex(0xdc00 + below(0x400)), `${hex(0xd800 + below(0x400))}${hex(0xdc00 + below(0x400))}`]);
    return `"${some(6, piece).join("")}"`;
  };
  const number = () => {
    const digits = String(1 + below(10 ** (1 + below(7))));
    const [sign, zeros, e] = [one(["", "-"]), "0".repeat(below(3)), one(["e", "E", "e+", "e-", "E-"])];
    return one([
      () => sign + one(["0", "0.0", "0e5", digits]),
      () => `${sign}${digits}.${zeros}${digits}${zeros}0`,
      () => `${sign}0.${"0".repeat(below(9))}${digits}${zeros}`,
      () => `${sign}${digits}${e}${below(30)}`,
      () => `${sign}${digits}.${digits}${e}${below(30)}`,
      () => `${sign}${digits}${"0".repeat(below(20))}`,
    ])();
  };
  const value = (depth) => one([text, text, number, number, number, () => one(["true", "false", "null"]), ...(depth > 3 ? [] : [list, object])])(depth);
  const list = (depth) => `[${some(3, () => blank() + value(depth + 1) + blank()).join(",")}${blank()}]`;
  const object = (depth) => {
    // JavaScript puts names that are whole numbers first, and keeps a name once.
    const names = some(3, text).map((name, n) => name.replace('"', `"${"xyz"[n]}`));
    return `{${names.map((name) => `${blank()}${name}${blank()}:${blank()}${value(depth + 1)}${blank()}`).join(",")}${blank()}}`;
  };
  return () => `${blank()}{${blank()}"v"${blank()}:${blank()}${value(0)}${blank()}}${blank()}`;
}

test(`${COUNT} bodies, each spelt somehow, leave the same records`, async () => {
  const body = spellings(dice(SEED));
  let respelt = 0;
  for (let n = 0; n < COUNT; n++) {
    const json = body();
    const { express, twinjar } = await puts(json);
    assert.equal(twinjar, express, `body ${n}: ${json}`);
    if (!express.includes(json.trim().slice(1, -1).trim())) respelt++;
  }
  assert.ok(respelt > COUNT / 2, String(respelt));
});

test("what is written by Python, and what only JavaScript calls the same", async () => {
  for (const body of [
    '{"name": "caf\\u00e9 \\ud83d\\ude00", "list": [1.0, 2.5, 1e+16, true, null], "empty": {}}',
    '{"a": -0, "b": -0.0, "c": 1e21, "d": 1E-7, "e": 0.000001, "f": 123456789012345680000, "g": 5e-324}',
  ]) {
    const { express, twinjar } = await puts(body);
    assert.equal(twinjar, express);
  }
});

test("numbers that JavaScript would round keep their digits", async () => {
  const body = '{"big": 12345678901234567890, "list": [9007199254740993, 0.12345678901234567890, 1e400]}';
  const { twinjar } = await puts(body);
  assert.ok(twinjar.endsWith(',"big":12345678901234567890,"list":[9007199254740993,0.12345678901234567890,1e400]}'), twinjar);
});

test("the same value in another spelling is no change", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", '{"n":1,"u":"é","list":[1,{"a":2}]}');
  const before = await stored(visitor);
  await redis.client.set(`sess:${visitor.id()}`, before.replace("{", "{ "), { EX: 600 });
  const { status } = await visitor.post(both.twinjar, "/session", '{ "n" : 1.0, "u": "\\u00E9", "list": [ 1, { "a": 2e0 } ] }');
  assert.equal(status, 200);
  assert.equal(await stored(visitor), before.replace("{", "{ "), "nothing is written");
});

test("what was stored with another spelling stays as it was found", async () => {
  const visitor = new Visitor();
  await visitor.post(both.express, "/session", { n: 1 });
  const record = (await stored(visitor)).replace('"n":1', '"n" : 1.0, "u":"\\u0041"');
  await redis.client.set(`sess:${visitor.id()}`, record, { EX: 600 });
  await visitor.post(both.twinjar, "/session", '{"added": 1.0}');
  assert.match(await stored(visitor), /"n" : 1\.0, "u":"\\u0041","added":1}$/);
});
