// A visitor with a cookie jar, at one address for both servers, as a browser has it behind one origin.

/** What a `Set-Cookie` line says: the value, and the attributes in their order. */
export function parseLine(line) {
  const [pair, ...attributes] = line.split("; ");
  const at = pair.indexOf("=");
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes };
}

export class Visitor {
  jar = new Map();

  /** Sends a request to a server and keeps the cookies of its answer. */
  async send(server, method, path, body, headers = {}) {
    const sent = { ...headers };
    if (this.jar.size > 0) sent.cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body !== undefined) sent["content-type"] = "application/json";
    const response = await fetch(server.origin + path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const lines = response.headers.getSetCookie();
    for (const line of lines) this.keep(line);
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, json, text, lines, headers: response.headers };
  }

  get(server, path, headers) {
    return this.send(server, "GET", path, undefined, headers);
  }

  post(server, path, body, headers) {
    return this.send(server, "POST", path, body, headers);
  }

  /** The data of the session, as a server shows it. */
  async session(server) {
    const answer = await this.get(server, "/session");
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    return answer.json.session;
  }

  keep(line) {
    const { name, value, attributes } = parseLine(line);
    const expires = attributes.find((attribute) => attribute.startsWith("Expires="));
    const gone = attributes.includes("Max-Age=0") || (expires && new Date(expires.slice(8)) <= new Date());
    if (gone) this.jar.delete(name);
    else this.jar.set(name, value);
  }

  /** The id that the session cookie carries. */
  id(name = "connect.sid") {
    const value = this.jar.get(name);
    if (value === undefined) return undefined;
    const signed = decodeURIComponent(value).replace(/^s:/, "");
    return signed.slice(0, signed.lastIndexOf("."));
  }
}
