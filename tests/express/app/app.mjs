// The Express application: the routes of the server crate's testbed, on express-session and cookie-parser.

import cookieParser from "cookie-parser";
import express from "express";
import session from "express-session";
import { setTimeout as sleep } from "node:timers/promises";

/** The application. `options` are express-session's; `trustProxy` is Express' setting of that name. */
export function createApp(options, { trustProxy } = {}) {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  if (trustProxy !== undefined) app.set("trust proxy", trustProxy);
  app.get("/health", (_, response) => response.json({ ok: true }));
  const held = new Set();
  app.get("/waiting", (_, response) => response.json({ waiting: held.size }));
  app.post("/go-on", (_, response) => {
    for (const release of held) release.abort();
    response.json({ ok: true });
  });
  app.use(cookieParser(options.secret));
  app.use(express.json({ limit: "2mb", strict: false }));
  app.use(session(options));

  const all = (request, response) => {
    const { cookie, ...data } = request.session ?? {};
    response.json({ session: data });
  };
  const merge = (request, response) => {
    Object.assign(request.session, request.body);
    all(request, response);
  };
  const pause = async (request) => {
    const release = new AbortController();
    held.add(release);
    await sleep(Number(request.query.ms ?? 0), undefined, { signal: release.signal }).catch(() => {});
    held.delete(release);
  };

  app.get("/plain", (_, response) => response.json({ ok: true, src: "peer", n: 0 }));
  app.get("/session", all);
  app.post("/session", merge);
  app.post("/incr", (request, response) => {
    request.session.n = (request.session.n ?? 0) + 1;
    all(request, response);
  });
  app.get("/slow", async (request, response) => {
    await pause(request);
    all(request, response);
  });
  app.post("/slow", async (request, response) => {
    await pause(request);
    merge(request, response);
  });
  app.post("/login", async (request, response) => {
    await renew(request);
    request.session.user = request.body.user;
    all(request, response);
  });
  app.post("/logout", (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.json({ ok: true })));
  });
  app.post("/reload", (request, response, next) => {
    Object.assign(request.session, request.body);
    request.session.reload((error) => (error ? next(error) : all(request, response)));
  });
  app.post("/unset", (request, response) => {
    request.session = null;
    response.json({ ok: true });
  });
  app.post("/regenerate", async (request, response) => {
    await renew(request);
    all(request, response);
  });
  app.post("/max-age", (request, response) => {
    request.session.cookie.maxAge = request.body.ms;
    request.session.kept = true;
    all(request, response);
  });
  app.post("/cookies", (request, response) => {
    for (const { name, value, signed } of request.body.list) {
      response.cookie(name, value, { signed: Boolean(signed), httpOnly: true });
    }
    response.json({ ok: true });
  });
  app.get("/cookies", (request, response) => {
    response.json({ cookies: { ...request.cookies }, signed: { ...request.signedCookies } });
  });
  app.use((error, request, response, next) => {
    if (response.headersSent) return next(error);
    response.status(500).json({ error: error.message });
  });
  return app;
}

/** A new id with the same data. */
function renew(request) {
  const { cookie, ...data } = request.session;
  return new Promise((renewed, failed) => {
    request.session.regenerate((error) => {
      if (error) return failed(error);
      Object.assign(request.session, data);
      renewed();
    });
  });
}
