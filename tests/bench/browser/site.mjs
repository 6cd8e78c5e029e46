// The files under test on a port of this machine, and a count of what a page asked for.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** `folders` maps the beginning of a path to a folder; every other path is an empty page. */
export async function serve(folders) {
  let asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const start = Object.keys(folders).find(start => pathname.startsWith(start));
    if (start === undefined) {
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><title>empty</title><link rel=icon href=data:,>");
      return;
    }
    const content = await readFile(join(folders[start], normalize(pathname.slice(start.length))));
    asked.push(content);
    response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "application/octet-stream");
    response.setHeader("Cache-Control", "no-store");
    response.end(content);
  });
  await new Promise(listening => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** Bytes of the files asked for since the last call: as they are, and compressed each for itself. */
    weigh() {
      const weights = asked.map(content => [content, gzipSync(content, { level: 9 }), brotli(content)]);
      const sum = place => weights.reduce((total, weight) => total + weight[place].length, 0);
      const files = asked.length;
      asked = [];
      return { files, raw: sum(0), gzip: sum(1), brotli: sum(2) };
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function brotli(content) {
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}
