// Cookies of the application's own: both servers set the same lines and show the same values.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { request } from "node:http";
import { startRedis } from "../support/redis.mjs";
import { startBoth } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

const SECRETS = ["foo bar baz", "an older one"];

let redis, both;
before(async () => {
  redis = await startRedis();
  both = await startBoth(redis, { secrets: SECRETS });
});
after(async () => {
  await both?.stop();
  await redis?.stop();
});

const LISTS = {
  texts: ["", "a", "a b", "a;b,c\"d\\e", "ä漢😀", "s:not signed", "j:{", "%41", "a=b", "'()*!~"],
  "numbers and booleans": [0, 1, -1.5, 1e21, true, false],
  objects: [{}, [], { name: "tobi" }, [1, [2, { a: null }]], null, { "ä\"": "x;y" }],
};

describe("what is set", () => {
  for (const [kind, values] of Object.entries(LISTS)) {
    for (const signed of [false, true]) {
      test(`${kind}${signed ? ", signed" : ""}`, async () => {
        const list = values.map((value, n) => ({ name: `c${n}`, value, signed }));
        const visitors = { express: new Visitor(), twinjar: new Visitor() };
        const lines = {};
        for (const side of ["express", "twinjar"]) {
          const answer = await visitors[side].post(both[side], "/cookies", { list });
          assert.equal(answer.status, 200, answer.text);
          lines[side] = answer.lines;
        }
        assert.deepEqual(lines.twinjar, lines.express);
        // And each is shown alike by both.
        const shown = await visitors.twinjar.get(both.express, "/cookies");
        assert.deepEqual((await visitors.express.get(both.twinjar, "/cookies")).json, shown.json);
      });
    }
  }
});

/** Sends a Cookie header as it is, which fetch would not. */
function show(server, header) {
  return new Promise((found, failed) => {
    const sent = request(`${server.origin}/cookies`, { headers: { cookie: header } }, async (response) => {
      const chunks = await response.toArray();
      found({ status: response.statusCode, json: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    sent.on("error", failed).end();
  });
}

const TOBI = "s%3Aj%3A%7B%22name%22%3A%22tobi%22%7D.K20xcwmDS%2BPb1rsD95o5Jm5SqWs1KteqdnynnB7jkTE";

describe("what is shown", () => {
  const headers = [
    "a=1; b=2; a=3", "a=1;b=2", " a = 1 ; b = 2 ", "a", "a;b=1", "a=", "a=b=c", "a=\"x\"", "a=\"x", "a=\"\"", "a=\" x \"",
    "a=%", "a=%zz; b=%20", "a=%ff", "a=%C3%A4", "a=\u00e4", "a=+", "A=1; a=2", "%61=1", "a b=1", "a\tb=1", ";;;a=1;;", "a=1;",
    "__proto__x=1; constructor=2; toString=3; hasOwnProperty=4",
    `user=${TOBI}`, `user=${TOBI.replace("tobi", "bobi")}`, `user=${TOBI}x`, `user=${TOBI.slice(0, -1)}`,
    "s=s:; t=s:.; u=s:a; v=s:a.; w=s:.a", "a=s%3A%", "a=j:{}; b=j:[]; c=j:1; d=j:\"x\"; e=j:true",
    "a=j:0; b=j:null; c=j:false; d=j:\"\"; e=j:-0; f=j:0e5", "a=j:; b=j:{; c=j:{'x':1}; d=j:undefined; e=J:{}",
    "a=j:{\"a\":{\"b\":[1,2,{\"c\":null}]}}", `a=j:${"[".repeat(500)}${"]".repeat(500)}`, "a=j: 1 ", "b=j:12345678901234567890",
    "x=1, y=2", "a=\\x; b=<>", "a=1; user=s%3A; user=2",
  ];
  for (const header of headers) {
    test(header.slice(0, 60), async () => {
      const [express, twinjar] = await Promise.all([show(both.express, header), show(both.twinjar, header)]);
      assert.deepEqual(twinjar, express);
    });
  }
});

test("a name that no cookie can have is refused, and nothing is set", async () => {
  for (const name of ["a b", "", "a;b", "ä"]) {
    const list = [{ name, value: "x" }];
    const { status, lines } = await new Visitor().post(both.twinjar, "/cookies", { list });
    assert.deepEqual([status, lines], [422, []], name);
  }
});
