// Requests beyond the session client: the demo's own routes and the list of devices.
import { cookies, SessionError } from "../pkg/index.js";
import { readCompanion } from "../pkg/lib/companion.js";

/** The JSON of the answer, undefined where it has none. Writes bear the token that the server asks of them. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  const token = readCompanion(cookies)?.csrfToken;
  if (token && method !== "GET") headers["X-CSRF-Token"] = token;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new SessionError("network", "The server did not answer.");
  });
  const { ok, status } = response;
  if (status === 204) return undefined;
  // A proxy that answers in the server's place does so in HTML.
  const answer = await response.json().catch(() => undefined);
  if (ok && answer !== undefined) return answer;
  const code = answer?.code ?? (ok ? "malformed_answer" : "http_error");
  throw new SessionError(code, answer?.detail ?? `The server answered ${status}.`, { status, detail: answer?.detail });
}
