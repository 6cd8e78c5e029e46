// The demonstration: two servers behind one address.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { start } from "../support/process.mjs";
import { Visitor } from "../support/visitor.mjs";

let demo, site;
before(async () => {
  const program = fileURLToPath(new URL("../demo/demo.mjs", import.meta.url));
  const ready = (line) => /^express-demo: (http:\/\/[^/]+)\/$/.exec(line);
  demo = await start(process.execPath, [program], { PORT: "0" }, ready);
  site = { title: "the site", origin: demo.found[1] };
});
after(async () => {
  const ended = new Promise((ended) => demo.child.once("exit", ended));
  demo.child.kill("SIGTERM");
  assert.equal(await ended, 0, "it stops when it is asked to");
});

test("the page is there", async () => {
  const { status, text } = await new Visitor().get(site, "/");
  assert.equal(status, 200);
  assert.match(text, /<h1>/);
  assert.equal((await new Visitor().get(site, "/nothing")).status, 404);
});

for (const [here, there] of [["express", "twinjar"], ["twinjar", "express"]]) {
  test(`a login on ${here} is seen on ${there}, and so is a logout`, async () => {
    const visitor = new Visitor();
    await visitor.post(site, `/${here}/login`, { user: "alice" });
    assert.deepEqual((await visitor.get(site, `/${there}/session`)).json, { session: { user: "alice" } });
    await visitor.post(site, `/${there}/incr`);
    assert.deepEqual((await visitor.get(site, `/${here}/session`)).json, { session: { user: "alice", n: 1 } });
    await visitor.post(site, `/${there}/logout`);
    assert.deepEqual((await visitor.get(site, `/${here}/session`)).json, { session: {} });
  });
}
