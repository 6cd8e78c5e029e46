// The files under test on a port of this machine; every other path is an empty page.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** `folders` maps the beginning of a path to a folder. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    // A page that shares its process with no other origin gets a clock of 5 instead of 100 microseconds.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const start = Object.keys(folders).find((start) => pathname.startsWith(start));
    if (start === undefined) {
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><title>empty</title><link rel=icon href=data:,>");
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "application/octet-stream");
    response.setHeader("Cache-Control", "no-store");
    response.end(await readFile(join(folders[start], normalize(pathname.slice(start.length)))));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
