// Requests to the session API: the CSRF header, and answers that are not 2xx as typed errors.

import { SessionError } from "./base.js";

/**
 * @param {string} baseUrl where the server mounts the session API
 * @param {() => string | undefined} csrfToken reads the token that the page has now
 */
export function createTransport(baseUrl, csrfToken) {
  /** Sends a request and gives the response, whose status is 2xx. */
  async function send(method, path, { body, ifMatch, signal } = {}) {
    const token = method === "GET" ? undefined : csrfToken();
    const response = await answer(method, path, body, ifMatch, token, signal);
    if (response.ok) return response;
    const problem = await problemOf(response, signal);
    // The token changes with the session, at a login in another tab for one: what the page has now may fit.
    if (problem.code === "csrf_token_invalid" && csrfToken() !== token) {
      const again = await answer(method, path, body, ifMatch, csrfToken(), signal);
      if (again.ok) return again;
      throw await problemOf(again, signal);
    }
    throw problem;
  }

  async function answer(method, path, body, ifMatch, token, signal) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (ifMatch !== undefined) headers["If-Match"] = ifMatch;
    if (token !== undefined) headers["X-CSRF-Token"] = token;
    try {
      return await fetch(baseUrl + path, { method, headers, body, signal, credentials: "same-origin" });
    } catch (cause) {
      throw unanswered(cause, signal);
    }
  }

  return send;
}

/** Why there is no answer, or not all of it. */
function unanswered(cause, signal) {
  if (signal?.aborted) return signal.reason;
  return new SessionError("network", "The server did not answer; the session is as it was or the change arrived.", {
    cause,
  });
}

/** The JSON of a 2xx response. */
export async function jsonOf(response, signal) {
  try {
    return await response.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw unanswered(cause, signal);
    const detail = "The answer is no JSON: check where the server mounts the session API.";
    throw new SessionError("malformed_answer", detail, { status: response.status, detail, cause });
  }
}

/** The error of a response that is not 2xx. What is not a problem document has the code `http_error`. */
async function problemOf(response, signal) {
  const status = response.status;
  let problem;
  try {
    problem = await response.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) return unanswered(cause, signal);
    problem = undefined;
  }
  const code = typeof problem?.code === "string" ? problem.code : "http_error";
  const detail = typeof problem?.detail === "string" ? problem.detail : undefined;
  return new SessionError(code, detail ?? problem?.title ?? `The server answered ${status}.`, { status, detail });
}
