// The two servers under test, set up alike: the Express application and the testbed of the server crate.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import connectPgSimple from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { createApp } from "../app/app.mjs";
import { start } from "./process.mjs";

const TESTBED = process.env.TWINJAR_TESTBED;

/** What both understand. `maxAge` is in milliseconds. */
export const DEFAULTS = {
  secrets: ["keyboard cat"],
  name: "connect.sid",
  prefix: "sess:",
  maxAge: undefined,
  rolling: false,
  resave: false,
  saveUninitialized: false,
  proxy: false,
};

/** The options of express-session. */
function expressOptions(options) {
  const { secrets, name, maxAge, rolling, resave, saveUninitialized, proxy } = options;
  const cookie = { ...(maxAge === undefined ? {} : { maxAge }), ...(proxy ? { secure: "auto" } : {}) };
  return { secret: secrets, name, rolling, resave, saveUninitialized, cookie, ...(proxy ? { proxy: true } : {}) };
}

/** The Express application, in this process. `more` are further options of express-session. */
export async function startExpress(redis, options = {}, more = {}) {
  const all = { ...DEFAULTS, ...options };
  const store = more.store ?? new RedisStore({ client: redis.client, prefix: all.prefix });
  const app = createApp({ ...expressOptions(all), store, ...more });
  const server = createServer(app);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { title: "Express", origin: `http://127.0.0.1:${server.address().port}`, stop };
}

/** The Express application, in a process of its own. */
export async function startExpressProcess(redis, options = {}) {
  const all = { ...DEFAULTS, ...options };
  const told = JSON.stringify({ url: redis.url, prefix: all.prefix, ...expressOptions(all) });
  const program = fileURLToPath(new URL("../app/serve.mjs", import.meta.url));
  const ready = (line) => /^express: (http:\/\/[^/]+)\//.exec(line);
  const { found, stop } = await start(process.execPath, [program], { EXPRESS_APP: told }, ready);
  return { title: "Express", origin: found[1], stop };
}

/** The testbed, in a process of its own. */
export async function startTwinjar(redis, options = {}, env = {}) {
  if (!TESTBED) throw new Error("TWINJAR_TESTBED names no program: run `cargo xtask test --only express`");
  const { secrets, name, prefix, maxAge, rolling, resave, saveUninitialized, proxy } = { ...DEFAULTS, ...options };
  const flags = { ROLLING: rolling, RESAVE: resave, SAVE_UNINIT: saveUninitialized, TRUST_PROXY: proxy };
  const set = Object.entries(flags).filter(([, on]) => on).map(([flag]) => [flag, "1"]);
  const program = await start(TESTBED, [], {
    PORT: "0",
    EXPRESS: "1",
    STORE: redis.url,
    SECRETS: secrets.join(","),
    COOKIE_NAME: name,
    PREFIX: prefix,
    ...(maxAge === undefined ? {} : { MAX_AGE_MS: String(maxAge) }),
    ...Object.fromEntries(set),
    ...env,
  }, (line) => /^testbed: (http:\/\/[^/]+)\//.exec(line));
  return { title: "twinjar", origin: program.found[1], stop: program.stop, said: program.said };
}

/** Waits until so many requests to `/slow` of a server have loaded their session and go no further. */
export async function waiting(server, count) {
  for (const deadline = Date.now() + 10_000; ; ) {
    const now = (await (await fetch(`${server.origin}/waiting`)).json()).waiting;
    if (now === count) return;
    if (Date.now() > deadline) throw new Error(`${now} requests wait, not ${count}`);
    await sleep(20);
  }
}

/** Ends their wait. */
export async function goOn(server) {
  await fetch(`${server.origin}/go-on`, { method: "POST" });
}

/** Both, on one PostgreSQL. */
export async function startBothOnPostgres(postgres, options = {}) {
  const twinjar = await startTwinjar(postgres, options);
  const store = new (connectPgSimple(session))({ pool: postgres.pool, pruneSessionInterval: false });
  const express = await startExpress(undefined, options, { store });
  return { express, twinjar, stop: () => Promise.all([express.stop(), twinjar.stop()]) };
}

/** Both, on one Redis. */
export async function startBoth(redis, options = {}) {
  const [express, twinjar] = await Promise.all([startExpress(redis, options), startTwinjar(redis, options)]);
  return { express, twinjar, stop: () => Promise.all([express.stop(), twinjar.stop()]) };
}
