// Sessions that move from Express into twinjar's own format when they are first seen there.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisStore } from "connect-redis";
import { aside, PLACES, startAdopter } from "../support/places.mjs";
import { Visitor } from "../support/visitor.mjs";

const carrying = (cookie) => Object.assign(new Visitor(), { jar: new Map(cookie) });

for (const [title, open] of Object.entries(PLACES)) {
  describe(title, () => {
    let place, express, natives, late;
    before(async () => {
      place = await open();
      // One after the other: the first one makes the tables.
      natives = [await startAdopter(place)];
      [express, late, natives[1]] = await Promise.all([
        place.startExpress({ maxAge: 600_000 }),
        startAdopter(place, { ADOPT_UNTIL: String(Date.now() - 1000) }),
        startAdopter(place, { LOCKING: "exclusive" }),
      ]);
    });
    after(async () => {
      await Promise.all([express, late, ...(natives ?? [])].map((server) => server?.stop()));
      await place?.stop();
    });

    async function session(data = { user: "alice", cart: [1, 2.50] }) {
      const visitor = new Visitor();
      await visitor.post(express, "/session", data);
      return { visitor, id: visitor.id(), cookie: new Map(visitor.jar), data };
    }

    test("a session of Express' goes on here, under another id and another cookie", async () => {
      const { visitor, id, cookie, data } = await session();
      const before = await place.own();
      const answer = await visitor.get(natives[0], "/session");
      assert.deepEqual(answer.json, { session: data });
      assert.deepEqual([...visitor.jar.keys()], ["id"], "the browser has forgotten Express' cookie");
      assert.ok(!visitor.jar.get("id").includes(id));
      assert.equal(await place.own(), before + 1);
      assert.equal(await place.read(id), null);
      assert.deepEqual(await carrying(cookie).session(express), {}, "for Express it has ended");
      assert.deepEqual((await visitor.get(natives[1], "/user")).json, { user: "alice" }, "the login goes on, too");

      await visitor.post(natives[1], "/incr");
      assert.deepEqual(await visitor.session(natives[0]), { ...data, n: 1 });
      const again = carrying(cookie);
      assert.deepEqual(await again.session(natives[1]), { ...data, n: 1 }, "Express' cookie leads to the one session");
      assert.equal(await place.own(), before + 1);
    });

    test("requests that arrive at once all find the one session", async () => {
      for (let round = 0; round < 5; round++) {
        const { cookie, data } = await session();
        const before = await place.own();
        const answers = await Promise.all(
          Array.from({ length: 24 }, (_, n) => carrying(cookie).get(natives[n % 2], "/session")),
        );
        for (const { status, json } of answers) assert.deepEqual([status, json.session], [200, data]);
        assert.equal(await place.own(), before + 1);
      }
    });

    test("changes that arrive at once are all in the one session", async () => {
      const { cookie, data } = await session();
      const before = await place.own();
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, n) => carrying(cookie).post(natives[n % 2], "/incr")),
      );
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.deepEqual(await carrying(cookie).session(natives[0]), { ...data, n: 24 });
      assert.equal(await place.own(), before + 1);
    });

    test("what a request writes is in the session that it takes over", async () => {
      const { visitor, data } = await session();
      assert.deepEqual((await visitor.post(natives[1], "/incr")).json, { session: { ...data, n: 1 } });
      assert.deepEqual(await visitor.session(natives[0]), { ...data, n: 1 });
    });

    test("a request in flight on Express does not bring it back there", async () => {
      const { cookie, data } = await session();
      const slow = carrying(cookie).get(express, "/slow?ms=500");
      await sleep(150);
      assert.deepEqual(await carrying(cookie).session(natives[0]), data);
      await slow;
      assert.deepEqual(await carrying(cookie).session(express), {});
    });

    test("after a logout nothing brings it back", async () => {
      const { visitor, cookie } = await session();
      await visitor.get(natives[0], "/session");
      await visitor.post(natives[0], "/logout");
      for (const server of [...natives, express]) {
        assert.deepEqual(await carrying(cookie).session(server), {}, server.title);
      }
    });

    test("a session that has ended on Express is not taken over", async () => {
      const { visitor, cookie } = await session();
      await visitor.post(express, "/logout");
      assert.deepEqual(await carrying(cookie).session(natives[0]), {});
    });

    test("what a server left half done before it died is done by the next", async () => {
      const { id, cookie, data } = await session();
      const record = await place.read(id);
      const before = await place.own();
      await place.rename(id, aside(id));
      assert.deepEqual(await carrying(cookie).session(express), {}, "moved aside, it has ended for Express");
      await carrying(cookie).post(natives[0], "/incr");
      assert.deepEqual(await carrying(cookie).session(natives[1]), { ...data, n: 1 });
      const note = await place.read(aside(id));
      assert.match(JSON.parse(note)["taken over by twinjar as"], /^[\w-]{16}$/);

      // As if the note had not been written any more.
      await place.write(aside(id), record);
      assert.deepEqual(await carrying(cookie).session(natives[0]), { ...data, n: 1 }, "the one that is there already");
      assert.equal(await place.read(aside(id)), note);
      assert.equal(await place.own(), before + 1);
      assert.ok((await place.left(aside(id))) > 500, "the note stays for as long as the cookie might");
    });

    test("whenever a server is killed, each session is there once, and whole", async () => {
      const sessions = [];
      const before = await place.own();
      for (let round = 0; round < 4; round++) {
        const doomed = await startAdopter(place);
        const now = await Promise.all(Array.from({ length: 12 }, (_, n) => session({ user: "bob", round, n })));
        const asked = now.map(({ cookie }) => carrying(cookie).get(doomed, "/session").catch(() => {}));
        await sleep(3 * round);
        await doomed.stop();
        await Promise.all(asked);
        sessions.push(...now);
      }
      for (const { cookie, data, id } of sessions) {
        assert.deepEqual(await carrying(cookie).session(natives[0]), data);
        assert.deepEqual(await carrying(cookie).session(natives[1]), data);
        assert.equal(await place.read(id), null);
      }
      assert.equal(await place.own(), before + sessions.length);
    });

    if (title === "connect-redis") {
      test("what is no text, or no record at all, is left alone, and another cookie may lead to a session", async () => {
        const [damaged, whole] = [await session(), await session()];
        const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
        const kinds = {
          bytes: [(key) => place.client.set(key, bytes), (key) => place.client.get(key), bytes.toString()],
          list: [(key) => place.client.rPush(key, "x"), (key) => place.client.lRange(key, 0, -1), ["x"]],
        };
        const keys = [damaged.id, aside(damaged.id)].map((id) => `sess:${id}`);
        const cookies = [damaged, whole].map(({ cookie }) => `connect.sid=${cookie.get("connect.sid")}`).join("; ");
        for (const [kind, [put, look, expected]] of Object.entries(kinds)) {
          for (const key of keys) {
            await place.client.del(keys);
            await put(key);
            const visitor = carrying(damaged.cookie);
            assert.deepEqual(await visitor.session(natives[0]), {}, kind);
            assert.deepEqual((await visitor.post(natives[1], "/incr")).json, { session: { n: 1 } }, "a visitor like any other");
            const { json } = await new Visitor().get(natives[0], "/session", { cookie: cookies });
            assert.deepEqual(json, { session: whole.data });
            assert.deepEqual(await look(key), expected, `${kind} at ${key}`);
          }
        }
        await place.client.del(keys);
      });

      test("Express can still list its sessions", async () => {
        const { visitor } = await session();
        await visitor.get(natives[0], "/session");
        const store = new RedisStore({ client: place.client });
        const listed = await store.all();
        assert.ok(listed.length > 0 && listed.every((session) => session.cookie));
      });
    }

    test("forged cookies and damaged records are left alone", async () => {
      const { id, cookie } = await session();
      const value = cookie.get("connect.sid");
      const forged = carrying([["connect.sid", value.slice(0, -1) + (value.endsWith("A") ? "B" : "A")]]);
      assert.deepEqual(await forged.session(natives[0]), {});
      for (const text of [place.damaged, "[]", '{"n":1}', '{"cookie":null}']) {
        await place.write(id, text);
        assert.deepEqual(await carrying(cookie).session(natives[0]), {}, text);
        assert.equal(await place.read(id), text);
        const writer = carrying(cookie);
        assert.deepEqual((await writer.post(natives[0], "/incr")).json, { session: { n: 1 } }, "a visitor like any other");
        assert.equal(await place.read(id), text);
      }
      await place.rename(id, aside(id));
      await place.write(aside(id), place.damaged);
      assert.deepEqual(await carrying(cookie).session(natives[0]), {});
      assert.equal(await place.read(aside(id)), place.damaged);
    });

    test("cookies of Express' older secrets are taken, too", async (t) => {
      const renewed = await startAdopter(place, { SECRETS: "the newest of all,keyboard cat" });
      t.after(renewed.stop);
      const { cookie, data } = await session();
      assert.deepEqual(await carrying(cookie).session(renewed), data);
    });

    test("after the last day nothing is taken over any more", async () => {
      const { cookie, data } = await session();
      assert.deepEqual(await carrying(cookie).session(late), {});
      assert.deepEqual(await carrying(cookie).session(express), data);
    });
  });
}
