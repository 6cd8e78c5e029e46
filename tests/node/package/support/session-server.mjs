// The session API as the browser package expects it, with one session in memory and faults on demand.

/** An API at `base` whose cookies are of these names. `token` is the first session's; the next ones add a number. */
export function createSessionApi({ base = "/api/session", state = "__Host-session-state", name = "sid", token = "dG9rZW4" } = {}) {
  const api = {
    session: undefined,
    requests: [],
    streams: new Set(),
    delay: 0,
    faults: [],
    /** What becomes of an answer's ETag on its way. */
    proxy: (etag) => etag,
  };

  let started = 0;

  const companion = () => `${state}=1.${api.session.token}.${api.session.revision}.${api.session.idle}.; Path=/; Secure; SameSite=Lax`;

  function problem(response, status, code) {
    response.writeHead(status, { "Content-Type": "application/problem+json" });
    response.end(JSON.stringify({ type: "about:blank", title: code, status, code, detail: `About ${code}.` }));
  }

  /** A new session in the place of the old one, whose data is gone. */
  function start() {
    const id = ++started;
    api.session = { id, token: token + (id > 1 ? id : ""), revision: 0, idle: Date.now() + 60_000, data: Object.create(null) };
  }

  /** The session of the request's cookie. */
  const sessionOf = ({ cookie = "" }) => (cookie.split("; ").includes(`${name}=${api.session?.id}`) ? api.session : undefined);

  function view(session) {
    if (!session) return { active: false, revision: 0, serverTime: Date.now(), data: {} };
    return { active: true, handle: "h", revision: session.revision, idleExpiresAt: session.idle, serverTime: Date.now(), data: session.data };
  }

  const write = (stream, type, data) => stream.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);

  /** Tells every open stream. */
  api.tell = (type, data) => {
    for (const stream of api.streams) write(stream, type, data);
  };

  /** A change that the browser has no part in, and so no cookie of. */
  api.changeElsewhere = () => api.tell("changed", { revision: ++api.session.revision });

  api.handle = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url, "http://x");
    const path = pathname.replace(base, "");
    const { method, headers } = request;
    api.requests.push({ method, path, body, headers });
    if (api.delay) await new Promise((done) => setTimeout(done, api.delay));
    const fault = api.faults.shift();
    if (fault) return fault({ request, response, problem });

    const session = sessionOf(headers);
    if (path === "/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(": open\n\n");
      const known = searchParams.get("revision");
      if (known !== null && +known !== session?.revision) write(response, "changed", { revision: session?.revision });
      api.streams.add(response);
      response.on("close", () => api.streams.delete(response));
      return;
    }
    if (method === "GET" && path === "") return response.end(JSON.stringify(view(session)));
    if (method !== "GET" && session && headers["x-csrf-token"] !== session.token) return problem(response, 403, "csrf_token_invalid");
    if (method === "DELETE" && path === "") {
      api.session = undefined;
      response.setHeader("Set-Cookie", [`${state}=; Path=/; Secure; Max-Age=0`, `${name}=; Path=/; Max-Age=0`]);
      return response.writeHead(204).end();
    }
    if (path === "/rotate") return response.writeHead(204).end();

    const key = decodeURIComponent(path.slice("/data/".length));
    if (key === "secret") return problem(response, 403, "key_not_exposed");
    const etag = () => `"${api.session.revision}"`;
    if (method === "GET") {
      if (!session || !Object.hasOwn(session.data, key)) return problem(response, 404, "key_not_found");
      const sent = api.proxy(etag());
      if (sent) response.setHeader("ETag", sent);
      return response.end(JSON.stringify(session.data[key]));
    }
    const condition = headers["if-match"];
    if (condition && !/^"\d+"$/.test(condition)) return problem(response, 400, "malformed_if_match");
    if (condition && (!session || condition !== etag())) return problem(response, 412, "revision_conflict");
    if (!session) start();
    if (method === "PUT") api.session.data[key] = JSON.parse(body);
    else delete api.session.data[key];
    api.session.revision++;
    response.writeHead(204, { ETag: etag(), "Set-Cookie": [companion(), `${name}=${api.session.id}; Path=/; HttpOnly`] }).end();
  };
  return api;
}
