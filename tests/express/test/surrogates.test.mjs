// Texts that JavaScript can hold and Rust cannot, halves of surrogate pairs: sessions with them are used as ever, and
// nothing of them is lost.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PLACES, startAdopter } from "../support/places.mjs";
import { startTwinjar } from "../support/servers.mjs";
import { Visitor } from "../support/visitor.mjs";

const HALF = "\ud800";
const VALUES = { value: HALF, list: [`x${HALF}`, { [HALF]: 1 }], name: "\ud83d\ude00" };
const NAMED = { ...VALUES, [HALF]: { kept: true }, [`${HALF}x`]: 2, "\ufffd": 3 };

for (const [title, open] of Object.entries(PLACES)) {
  describe(title, () => {
    let place, express, twinjar, adopter;
    before(async () => {
      place = await open();
      [express, twinjar, adopter] = await Promise.all([
        place.startExpress({ maxAge: 600_000 }),
        startTwinjar({ url: place.url }, { maxAge: 600_000 }, { USER_KEY: "user" }),
        startAdopter(place),
      ]);
    });
    after(async () => {
      await Promise.all([express, twinjar, adopter].map((server) => server?.stop()));
      await place?.stop();
    });

    async function session(data) {
      const visitor = new Visitor();
      assert.equal((await visitor.post(express, "/session", data)).status, 200);
      return { visitor, id: visitor.id(), cookie: new Map(visitor.jar) };
    }

    test("values are shown and kept", async () => {
      const { visitor } = await session(VALUES);
      assert.deepEqual(await visitor.session(twinjar), VALUES);
      assert.deepEqual((await visitor.post(twinjar, "/incr")).json, { session: { ...VALUES, n: 1 } });
      assert.equal((await visitor.post(twinjar, "/regenerate")).status, 200);
      assert.deepEqual(await visitor.session(express), { ...VALUES, n: 1 });
    });

    test("values under such names are not shown, and kept", async () => {
      const { visitor } = await session(NAMED);
      const shown = { ...VALUES, "\ufffd": 3 };
      assert.deepEqual(await visitor.session(twinjar), shown);
      assert.deepEqual((await visitor.post(twinjar, "/incr")).json, { session: { ...shown, n: 1 } });
      assert.equal((await visitor.post(twinjar, "/regenerate")).status, 200);
      assert.deepEqual(await visitor.session(express), { ...NAMED, n: 1 });
    });

    test("another user finds nothing of them", async () => {
      const { visitor } = await session(NAMED);
      for (const user of ["alice", "bob"]) assert.equal((await visitor.post(twinjar, "/login", { user })).status, 200);
      assert.deepEqual(await visitor.session(express), { user: "bob" });
    });

    test("clearing clears them too", async () => {
      for (const data of [NAMED, { [HALF]: 1 }]) {
        const { visitor } = await session(data);
        assert.equal((await visitor.post(twinjar, "/clear")).status, 200);
        assert.deepEqual(await visitor.session(express), {});
      }
    });

    test("code that asks for a text or a number is told that it is none", async () => {
      const { visitor, id } = await session({ n: HALF });
      const before = await place.read(id);
      const { status, json } = await visitor.post(twinjar, "/incr");
      assert.deepEqual([status, json.code], [500, "internal_error"]);
      assert.equal(await place.read(id), before);
    });

    test("a visitor's own are stored as Express stores them", async () => {
      const visitor = new Visitor();
      assert.equal((await visitor.post(twinjar, "/session", VALUES)).status, 200);
      assert.deepEqual(await visitor.session(express), VALUES);
      const { status } = await visitor.post(twinjar, "/session", { [HALF]: 1 });
      assert.equal(status, 422, "but not under such a name");
    });

    test("a session with such values moves into twinjar's own format, and one with such names stays", async () => {
      const { cookie } = await session(VALUES);
      for (let n = 0; n < 2; n++) {
        assert.deepEqual(await Object.assign(new Visitor(), { jar: new Map(cookie) }).session(adopter), VALUES);
      }
      const named = await session(NAMED);
      const before = await place.read(named.id);
      assert.deepEqual(await named.visitor.session(adopter), {});
      assert.equal(await place.read(named.id), before);
      named.visitor.jar = named.cookie;
      assert.deepEqual(await named.visitor.session(express), NAMED);
    });
  });
}
