// Requests beyond the session client: the demo's own routes and the list of devices.
import { cookies, session, SessionError } from "../pkg/index.js";
import { COMPANION } from "./companion.js";

/** The JSON of the answer, undefined where it has none. Writes bear the token that the server asks of them. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  const token = session.state().active && cookies.get(COMPANION)?.split(".")[1];
  if (token && method !== "GET") headers["X-CSRF-Token"] = token;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new SessionError("network", "The server did not answer.");
  });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new SessionError(answer.code, answer.detail, { status: response.status, detail: answer.detail });
  return answer;
}
