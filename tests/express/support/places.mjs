// The places where an Express application may keep its sessions, each with what a test needs to look into it.

import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import { startPostgres } from "./postgres.mjs";
import { startRedis } from "./redis.mjs";
import { startExpress, startTwinjar } from "./servers.mjs";

const ASIDE = "twinjar-adopted:";

/** connect-redis' keys, and twinjar's own in the same Redis. */
async function inRedis() {
  const redis = await startRedis();
  const { client } = redis;
  return {
    url: redis.url,
    stop: redis.stop,
    startExpress: (options) => startExpress(redis, options),
    read: (id) => client.get(`sess:${id}`),
    write: (id, text) => client.set(`sess:${id}`, text, { KEEPTTL: true }),
    rename: (id, to) => client.rename(`sess:${id}`, `sess:${to}`),
    left: (id) => client.ttl(`sess:${id}`),
    own: async () => (await client.keys("twinjar:s:*")).length,
    damaged: "{",
    client,
  };
}

/** connect-pg-simple's table, and twinjar's own in the same database. */
async function inPostgres() {
  const postgres = await startPostgres();
  const { pool } = postgres;
  const ask = async (statement, ...values) => (await pool.query(statement, values)).rows[0]?.answer ?? null;
  const Store = connectPgSimple(session);
  const create = new Store({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  await new Promise((created) => create.get("nobody", created));
  return {
    url: postgres.url,
    stop: postgres.stop,
    startExpress: (options) =>
      startExpress(undefined, options, { store: new Store({ pool, pruneSessionInterval: false }) }),
    read: (id) => ask("SELECT sess::text AS answer FROM session WHERE sid = $1", id),
    write: (id, text) => pool.query("UPDATE session SET sess = $2::json WHERE sid = $1", [id, text]),
    rename: (id, to) => pool.query("UPDATE session SET sid = $2 WHERE sid = $1", [id, to]),
    left: (id) =>
      ask("SELECT extract(epoch FROM expire::timestamptz - now())::float8 AS answer FROM session WHERE sid = $1", id),
    own: async () => Number(await ask("SELECT count(*) AS answer FROM twinjar.sessions")),
    damaged: '{"cookie":{"originalMaxAge":"soon"}}',
  };
}

export const PLACES = { "connect-redis": inRedis, "connect-pg-simple": inPostgres };

/** The id under which a record is kept that is being taken over, or has been. */
export const aside = (id) => ASIDE + id;

/** The testbed in its own format, which takes over what Express has kept in the same place. */
export function startAdopter(place, env = {}) {
  return startTwinjar(place, {}, { EXPRESS: "0", COOKIE_NAME: "id", ADOPT: place.url, ...env });
}
