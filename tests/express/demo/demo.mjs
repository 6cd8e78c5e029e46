// `cargo xtask express-demo`: an Express application and a twinjar server on one Redis, behind one address.
//
// `/express/…` is answered by Express and `/twinjar/…` by twinjar; `/` is a page with both. The browser sees one site,
// sends one cookie, and each side knows what the other one has done.

import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { startRedis } from "../support/redis.mjs";
import { startBoth } from "../support/servers.mjs";

const port = Number(process.env.PORT ?? 8082);
const redis = await startRedis();
const both = await startBoth(redis, { maxAge: 30 * 60_000, secrets: ["a secret of a demonstration and of nothing else"] });
const page = await readFile(new URL("page.html", import.meta.url));

const site = createServer((incoming, response) => {
  const [, side, path] = /^\/(express|twinjar)(\/.*)$/.exec(incoming.url) ?? [];
  if (side) return forward(both[side], path, incoming, response);
  const found = incoming.url === "/";
  response.writeHead(found ? 200 : 404, { "Content-Type": "text/html; charset=utf-8" });
  response.end(found ? page : "");
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
  await both.stop();
  await redis.stop();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
site.listen(port, "127.0.0.1", () => {
  console.log(`express-demo: http://127.0.0.1:${site.address().port}/`);
});
