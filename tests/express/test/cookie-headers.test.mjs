// Cookie headers at random: what cookie-parser makes of each, this side makes of it.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { after, before, test } from "node:test";
import { dice } from "../support/dice.mjs";
import { startRedis } from "../support/redis.mjs";
import { startBoth } from "../support/servers.mjs";

const SECRETS = ["foo bar baz", "an older one"];
const SEED = 20_261_130;
const COUNT = 4000;

let redis, both;
const agent = new Agent({ keepAlive: true });
before(async () => {
  redis = await startRedis();
  both = await startBoth(redis, { secrets: SECRETS });
});
after(async () => {
  agent.destroy();
  await both?.stop();
  await redis?.stop();
});

const NAMES = [
  "a", "b", "a", "c", "", " ", "__proto__", "constructor", "toString", "hasOwnProperty", "%61", "A", "0", "10", "-1", "a b",
  "a\tb", "\u00e4", "\u00ff", "\"a\"", "s:", "j:", "$Path",
];
const PIECES = [
  "x", "1", "0", "-0", "\"", "\"\"", "%", "%2", "%zz", "%20", "%22", "%C3%A4", "%c3", "%ED%A0%80", "%F0%9F%98%80", "%00", "%EF%BB%BF",
  "+", ",", ".", ":", "=", " ", "\t", "\\", "\u00e4", "\u00ff", "\u00a0", "s:", "s%3A", "j:", "j%3A", "{", "}", "[", "]", "{}", "null",
  "false", "true", "%5B1%2C2%5D", "{\"a\":1}", "{\"__proto__\":{\"b\":2}}", "{\"a\":1,\"a\":2}",
];
const JSONS = [
  "0", "-0", "-0.0", "0e9", "1", "1.50", "1e400", "-1e400", "1e-400", "01", "+1", ".5", "12345678901234567890", "null", "false", "true",
  "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0061\"", "\"%09\"", "\"\t\"", "\"\u00e4\"", "{}", "[]", "{\"a\":[1,{\"b\":null}]}", " 1 ", "%0A2%0D", "%0B2",
  "\u00a01", "NaN", "Infinity", "undefined", "{\"a\":1}x", "[1,]", "'x'", "",
];

/** A header, or several. */
function headers({ below, one, some }) {
  const text = () => some(4, () => one(PIECES)).join("");
  const json = () => `${one(["j:", "j:", "j%3A", "J:"])}${one(JSONS)}`;
  const signed = () => {
    const value = decoded(one([text, json])());
    const right = `s:${value}.${mac(value, one([...SECRETS, "another"]))}`;
    const at = below(right.length);
    const bent = one([right, right, right, `${right}=`, right.slice(0, -1), right.slice(0, at) + one(["A", ".", ""]) + right.slice(at + 1)]);
    return one([encodeURIComponent, encodeURIComponent, asBytes])(bent);
  };
  const value = () => {
    const inner = one([text, text, json, signed])();
    return one([inner, inner, inner, `"${inner}"`, ` ${inner}\t`, `"${inner}`]);
  };
  const part = () => one([() => `${one(NAMES)}=${value()}`, () => `${one(NAMES)}=${value()}`, () => `${one(NAMES)} = ${value()}`, value, () => ""])();
  const header = () => [part(), ...some(5, part)].reduce((so, next) => so + one([";", "; ", " ;", ";; "]) + next);
  return below(10) === 0 ? [header(), header()] : [header()];
}

const mac = (value, secret) => createHmac("sha256", secret).update(value).digest("base64").replace(/=+$/, "");

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a header cannot carry is left out. */
const asBytes = (text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "");

/** Sends Cookie headers as they are, which fetch would not. */
function show(server, lines) {
  return new Promise((found, failed) => {
    const headers = lines.flatMap((line) => ["Cookie", line]);
    const { host } = new URL(server.origin);
    const sent = request(`${server.origin}/cookies`, { agent, headers: ["Host", host, ...headers] }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      if (response.statusCode !== 200) return found(`${response.statusCode} ${text}`);
      // JSON.stringify writes null for what is no number to JSON.
      found(JSON.parse(JSON.stringify(JSON.parse(text))));
    });
    sent.on("error", failed).end();
  });
}

const showBoth = (lines) => Promise.all([both.express, both.twinjar].map((server) => show(server, lines)));

test(`${COUNT} requests show the same cookies on either side`, async () => {
  const random = dice(SEED);
  let [plain, genuine, changed] = [0, 0, 0];
  for (let n = 0; n < COUNT; n++) {
    const lines = headers(random);
    const [express, twinjar] = await showBoth(lines);
    assert.deepEqual(twinjar, express, `request ${n}: ${JSON.stringify(lines)}`);
    plain += Object.keys(express.cookies).length;
    for (const value of Object.values(express.signed)) value === false ? changed++ : genuine++;
  }
  for (const seen of [plain, genuine, changed]) assert.ok(seen > COUNT / 10, `${plain} ${genuine} ${changed}`);
});

test("what is hard to come by at random", async () => {
  for (const lines of [["="], ["", "="], ["=", ""], ["=x", "=y"], ["a=\""], ["a=\";b=1"], ["a=1", "a=2"], [";"], [`${"=;".repeat(3000)}a=1`]]) {
    const [express, twinjar] = await showBoth(lines);
    assert.deepEqual(twinjar, express, JSON.stringify(lines).slice(0, 60));
  }
});
