// `cargo xtask express-demo`: an Express application and the twinjar demo server on one Redis, behind one address.
//
// `/` is a page with both, `/express/…` is answered by Express and everything else by twinjar; its own page is at
// `/index.html`. The browser sees one site, sends one cookie, and each side knows what the other one has done.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisStore } from "connect-redis";
import { createApp } from "../app/app.mjs";
import { start } from "../support/process.mjs";
import { startRedis } from "../support/redis.mjs";

const SECRET = "a secret of a demonstration and of nothing else";
const MINUTES = 30;

const port = Number(process.env.PORT ?? 8082);
const folder = await mkdtemp(join(tmpdir(), "twinjar-express-demo-"));
const redis = await startRedis();
const express = await startExpress();
const twinjar = await startTwinjar();
const page = await readFile(new URL("page.html", import.meta.url));

async function startExpress() {
  const app = createApp({
    secret: SECRET,
    store: new RedisStore({ client: redis.client, ttl: MINUTES * 60 }),
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: "lax" },
  });
  app.post("/count", (request, response) => {
    request.session.count = (request.session.count ?? 0) + 1;
    response.json({ count: request.session.count });
  });
  const server = createServer(app);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { origin: `http://127.0.0.1:${server.address().port}` };
}

async function startTwinjar() {
  const program = process.env.TWINJAR_SERVER;
  if (!program) throw new Error("TWINJAR_SERVER names no program: run `cargo xtask express-demo`");
  const secrets = join(folder, "secrets");
  await writeFile(secrets, `${SECRET}\n`);
  const flags = ["--express-compat", "--listen", "127.0.0.1:0", "--idle", `${MINUTES}m`, "--secret-file", secrets];
  const ready = (line) => /^twinjar demo: (http:\/\/[^/]+)\//.exec(line);
  const server = await start(program, flags, { TWINJAR_STORE: redis.url }, ready);
  return { origin: server.found[1], stop: server.stop };
}

const site = createServer((incoming, response) => {
  const [, path] = /^\/express(\/.*)$/.exec(incoming.url) ?? [];
  if (path) return forward(express, path, incoming, response);
  if (incoming.url !== "/") return forward(twinjar, incoming.url, incoming, response);
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
  response.end(page);
});

/** Passes a request on, as the proxy in front of the two does. */
function forward(server, path, incoming, response) {
  const { method, headers } = incoming;
  const onward = request(server.origin + path, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on("error", () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  incoming.pipe(onward);
}

async function stop() {
  site.close();
  site.closeAllConnections();
  await twinjar.stop();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
site.listen(port, "127.0.0.1", () => {
  console.log(`express-demo: http://127.0.0.1:${site.address().port}/`);
});
