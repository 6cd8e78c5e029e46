// The measured routes on Express with express-session and its memory store, or with connect-redis on the Redis that
// STORE names.
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";
import { setTimeout as sleep } from "node:timers/promises";

const THINKING_MS = 5;

const redis = async (url) => new RedisStore({ client: await createClient({ url }).connect() });
const store = process.env.STORE ? await redis(process.env.STORE) : undefined;

const app = express();
app.disable("x-powered-by");
app.disable("etag");
const secret = "one secret of a benchmark and of nothing else";
app.use(session({ store, secret, resave: false, saveUninitialized: false }));

const answer = (response, n) => response.json({ ok: true, src: "peer", n });
const write = (request, response) => {
  request.session.n = (request.session.n ?? 0) + 1;
  answer(response, request.session.n);
};

app.get("/health", (_, response) => response.send("ok"));
app.get("/plain", (_, response) => answer(response, 0));
app.get("/read", (request, response) => answer(response, request.session.n ?? 0));
app.post("/write", write);
app.post("/naive-write", write);
app.post("/slow-write", async (request, response) => {
  const n = (request.session.n ?? 0) + 1;
  await sleep(THINKING_MS);
  request.session.n = n;
  answer(response, n);
});
app.post("/new", (request, response) => {
  request.session.n = 1;
  answer(response, 1);
});

// express-session warns of its memory store; a benchmark wants just that one.
app.listen(Number(process.env.PORT), "127.0.0.1");
