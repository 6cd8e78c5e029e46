// A Redis of the test's own.

import { createClient } from "redis";
import { freePort, start } from "./process.mjs";

/** Starts redis-server on a free port, with nothing kept on disk. */
export async function startRedis() {
  const port = await freePort();
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const server = await start("redis-server", args, {}, (line) => /Ready to accept connections/.exec(line));
  const url = `redis://127.0.0.1:${port}/`;
  const client = createClient({ url, socket: { reconnectStrategy: () => 50 } });
  client.on("error", () => {});
  await client.connect();
  const stop = async () => {
    client.destroy();
    await server.stop();
  };
  return { url, client, stop, pid: server.child.pid };
}
