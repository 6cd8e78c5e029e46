// The demonstration: an Express application and the demo server behind one address.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { start } from "../support/process.mjs";
import { Visitor } from "../support/visitor.mjs";

const COMPANION = "__Host-session-state";
const ALICE = { username: "alice", password: "wonderland" };

let demo, site;
before(async () => {
  const program = fileURLToPath(new URL("../demo/demo.mjs", import.meta.url));
  const ready = (line) => /^express-demo: (http:\/\/[^/]+)\/$/.exec(line);
  demo = await start(process.execPath, [program], { PORT: "0" }, ready);
  site = { title: "the site", origin: demo.found[1] };
});
after(async () => {
  if (!demo) return;
  const ended = new Promise((ended) => demo.child.once("exit", ended));
  demo.child.kill("SIGTERM");
  assert.equal(await ended, 0, "it stops when it is asked to");
});

const express = async (visitor) => (await visitor.get(site, "/express/session")).json.session;
const twinjar = async (visitor) => (await visitor.get(site, "/api/session")).json;
const told = (visitor) => visitor.jar.get(COMPANION)?.split(".");

/** A change on twinjar's side, with the token that its companion cookie carries. */
async function change(visitor, method, path, body) {
  const token = told(visitor)?.[1];
  const { status } = await visitor.send(site, method, path, body, token ? { "x-csrf-token": token } : {});
  return status;
}

test("both pages are there", async () => {
  for (const path of ["/", "/index.html"]) {
    const { status, text } = await new Visitor().get(site, path);
    assert.equal(status, 200);
    assert.match(text, /<h1/);
  }
  assert.equal((await new Visitor().get(site, "/nothing")).status, 404);
  assert.equal((await new Visitor().get(site, "/express/nothing")).status, 404);
  assert.equal((await new Visitor().get(site, "/readyz")).status, 200);
});

test("a login on Express is seen on twinjar, and so is a logout", async () => {
  const visitor = new Visitor();
  await visitor.post(site, "/express/login", { user: "alice" });
  const { active, user, absoluteExpiresAt } = await twinjar(visitor);
  assert.deepEqual({ active, user, absoluteExpiresAt }, { active: true, user: "alice", absoluteExpiresAt: null });
  assert.equal(await change(visitor, "POST", "/api/count"), 200);
  assert.deepEqual(await express(visitor), { user: "alice", count: 1 });
  assert.equal(await change(visitor, "POST", "/api/logout"), 204);
  assert.deepEqual([...visitor.jar.keys()], [], "twinjar clears both cookies");
  assert.deepEqual(await express(visitor), {});
});

test("a login on twinjar is seen on Express, and so is a logout", async () => {
  const visitor = new Visitor();
  assert.equal(await change(visitor, "POST", "/api/login", ALICE), 204);
  assert.equal((await express(visitor)).user, "alice");
  await visitor.post(site, "/express/count");
  assert.equal((await twinjar(visitor)).data.count, 1);
  await visitor.post(site, "/express/logout");
  assert.equal((await twinjar(visitor)).active, false);
  assert.equal(told(visitor), undefined, "the companion goes when twinjar sees that the session has gone");
});

test("the companion cookie follows what Express does", async () => {
  const visitor = new Visitor();
  await visitor.post(site, "/express/count");
  assert.equal(told(visitor), undefined, "Express sets none");
  const first = await twinjar(visitor);
  assert.equal(Number(told(visitor)[2]), first.revision);
  assert.deepEqual((await visitor.get(site, "/api/session")).lines, [], "nothing new is told twice");

  await visitor.post(site, "/express/count");
  const second = await twinjar(visitor);
  assert.notEqual(second.revision, first.revision);
  assert.equal(Number(told(visitor)[2]), second.revision);

  const token = told(visitor)[1];
  await visitor.post(site, "/express/regenerate");
  assert.equal(await change(visitor, "POST", "/api/count"), 403, "the token of an id that is no more");
  assert.notEqual(told(visitor)[1], token, "the refusal brings the new one");
  assert.equal(await change(visitor, "POST", "/api/count"), 200);
  assert.deepEqual(await express(visitor), { count: 3 });
});

test("what Express' format has no room for is refused in so many words", async () => {
  const visitor = new Visitor();
  await change(visitor, "POST", "/api/login", ALICE);
  for (const [method, path] of [["GET", "/api/session/devices"], ["POST", "/api/session/devices/revoke-others"], ["GET", "/api/session/events"]]) {
    const token = told(visitor)[1];
    const { status, json } = await visitor.send(site, method, path, undefined, { "x-csrf-token": token });
    assert.deepEqual([status, json.code], [501, "not_supported"], path);
  }
  assert.equal((await twinjar(visitor)).user, "alice", "the session goes on");
});

test("a late answer takes no companion cookie of a login away", async () => {
  const visitor = new Visitor();
  await change(visitor, "POST", "/api/count");
  const late = Object.assign(new Visitor(), { jar: new Map(visitor.jar) });
  assert.equal(await change(visitor, "POST", "/api/login", ALICE), 204);
  const { json, lines } = await late.get(site, "/api/session");
  assert.deepEqual([json.active, lines], [false, []]);
});
