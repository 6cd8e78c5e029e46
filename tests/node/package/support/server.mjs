// A small server for the tests: the package under /pkg, routes of the test, and an empty page everywhere else.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

/** The built package. */
export const PACKAGE = process.env.TWINJAR_PACKAGE ?? fileURLToPath(new URL("../../../../www/pkg", import.meta.url));

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * Starts a server on a free port. `routes` maps a path to a handler, `prefixes` a path and all below it, `folders` a
 * path's beginning to a folder.
 * `at(host)` gives its origin under that name.
 */
export async function serve({ routes = {}, prefixes = {}, folders = {}, headers = {} } = {}) {
  const mounts = { "/pkg/": PACKAGE, ...folders };
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { pathname } = new URL(request.url, "http://localhost");
    const prefix = Object.keys(prefixes).find((start) => pathname === start || pathname.startsWith(start + "/"));
    const route = routes[pathname] ?? prefixes[prefix];
    if (route) return route(request, response);
    const mount = Object.keys(mounts).find((start) => pathname.startsWith(start));
    if (mount) return file(join(mounts[mount], normalize(pathname.slice(mount.length))), response);
    page(response, "");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { at: (host = "127.0.0.1") => `http://${host}:${port}` };
}

/** Answers with an HTML page. */
export function page(response, body, head = "") {
  response.setHeader("Content-Type", TYPES[".html"]);
  response.end(`<!doctype html><html lang="en"><head><title>test</title>${head}</head><body>${body}</body></html>`);
}

async function file(path, response) {
  try {
    const content = await readFile(path);
    response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream");
    response.end(content);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}
