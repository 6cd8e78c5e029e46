// Listens to fetch. The page and the package both talk through it, so what is told here really crossed the wire.

const MASK = "••••••••";

const listeners = new Set();
const send = globalThis.fetch;

/**
 * Calls `listener(exchange)` when a request leaves and again when it is answered. An exchange is
 * `{ method, path, sent, status, answer, before, after }`; `answer.headers` has those of both directions. `status` is undefined while the answer is
 * awaited and 0 when none came; `before` and `after` are the values of `document.cookie`.
 */
export function onExchange(listener) {
  listeners.add(listener);
}

globalThis.fetch = async function fetch(input, init) {
  const request = new Request(input, init);
  if (!new URL(request.url).pathname.startsWith("/api/")) return send.call(globalThis, request);
  // Asks the demo server to repeat the headers that scripts may not read.
  request.headers.set("X-Show-Wire", "1");
  const exchange = {
    method: request.method,
    path: new URL(request.url).pathname,
    sent: await describeRequest(request),
    before: document.cookie,
  };
  tell(exchange);
  try {
    const response = await send.call(globalThis, request);
    exchange.status = response.status;
    exchange.after = document.cookie;
    exchange.answer = await describeResponse(response);
    return response;
  } catch (error) {
    exchange.status = 0;
    exchange.after = document.cookie;
    throw error;
  } finally {
    tell(exchange);
  }
};

async function describeRequest(request) {
  const body = request.body === null ? "" : await request.clone().text();
  return { ifMatch: request.headers.get("If-Match"), csrf: request.headers.has("X-CSRF-Token"), body: withoutPassword(body) };
}

/** What is told here is shown, and a typed password is nobody else's. */
function withoutPassword(body) {
  try {
    const sent = JSON.parse(body);
    return Object.hasOwn(sent, "password") ? JSON.stringify({ ...sent, password: MASK }) : body;
  } catch {
    return body;
  }
}

async function describeResponse(response) {
  const type = response.headers.get("Content-Type") ?? "";
  const body = type.includes("json") ? await response.clone().text() : "";
  return { etag: response.headers.get("ETag"), body, headers: readWire(response.headers.get("X-Wire")) };
}

function readWire(text) {
  return text ? JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), letter => letter.codePointAt(0)))) : undefined;
}

function tell(exchange) {
  for (const listener of listeners) listener(exchange);
}
