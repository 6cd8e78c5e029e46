// The Express application as a program: it says its address, and serves until it is ended.

import { createServer } from "node:http";
import { RedisStore } from "connect-redis";
import { createClient } from "redis";
import { createApp } from "./app.mjs";

const { url, prefix, ...options } = JSON.parse(process.env.EXPRESS_APP);
const client = createClient({ url });
await client.connect();
const server = createServer(createApp({ ...options, store: new RedisStore({ client, prefix }) }));
server.listen(0, "127.0.0.1", () => console.log(`express: http://127.0.0.1:${server.address().port}/`));
