// Each subject as a user ships it: bundled and minified by esbuild, the package by its public names.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const PACKAGE = process.env.TWINJAR_PACKAGE ?? here("../../../www/pkg");

/** In the order in which they are measured and shown; the floor and the one that all are compared with come first. */
export const SUBJECTS = [
  "document.cookie",
  "js-cookie",
  "es-cookie",
  "universal-cookie",
  "cookie",
  "twinjar",
  "twinjar/fetch",
  "twinjar/js-cookie",
];

/** The file of a subject, in `subjects` and among the bundles. */
export const fileOf = (subject) => `${subject.replace("/", "-")}.js`;

/** Whole entries by what they export, for their size. */
const ENTRIES = {
  "js-cookie": 'export { default } from "js-cookie";',
  "es-cookie": 'export * from "es-cookie";',
  "universal-cookie": 'export { default } from "universal-cookie";',
  cookie: 'export * from "cookie";',
  "twinjar, cookies alone": 'export { cookies, CookieError } from "twinjar";',
  twinjar: 'export * from "twinjar";',
  "twinjar/fetch": 'export * from "twinjar/fetch";',
  "twinjar/js-cookie": 'export { default } from "twinjar/js-cookie";',
  "twinjar/session, in addition": 'export * from "twinjar";',
};

/** Bundles the subjects into a folder of their own. `remove()` ends it. */
export async function bundleSubjects() {
  const folder = await mkdtemp(join(tmpdir(), "twinjar-bench-"));
  await build({ ...options(), entryPoints: SUBJECTS.map((subject) => here(`subjects/${fileOf(subject)}`)), outdir: folder });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Bytes of each entry: raw, gzip, brotli. */
export async function sizes() {
  const rows = [];
  for (const [name, code] of Object.entries(ENTRIES)) {
    const stdin = { contents: code, resolveDir: here("."), loader: "js" };
    const { outputFiles } = await build({ ...options(), stdin, outdir: "/", write: false });
    const main = outputFiles.find((file) => basename(file.path) === "stdin.js");
    // What esbuild splits off is loaded later: the session client.
    const lazy = outputFiles.filter((file) => file !== main && !main.text.includes(`from"./${basename(file.path)}"`));
    const parts = name.includes("in addition") ? lazy : outputFiles.filter((file) => !lazy.includes(file));
    const content = parts.map((file) => Buffer.from(file.contents));
    if (name === "twinjar/fetch") content.push(await readFile(join(PACKAGE, "twinjar.wasm")));
    rows.push([name, ...weigh(content)]);
  }
  return rows;
}

function options() {
  return {
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
    alias: {
      twinjar: join(PACKAGE, "index.js"),
      "twinjar/fetch": join(PACKAGE, "fetch.js"),
      "twinjar/js-cookie": join(PACKAGE, "js-cookie.js"),
    },
  };
}

/** Bytes of files: as they are, and compressed each for itself. */
function weigh(files) {
  const brotli = (content) => brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const sum = (compress) => files.reduce((total, content) => total + compress(content).length, 0);
  return [sum((content) => content), sum((content) => gzipSync(content, { level: 9 })), sum(brotli)];
}
