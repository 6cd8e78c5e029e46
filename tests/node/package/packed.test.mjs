// The packed tarball in other projects: bundlers, plain scripts, Node, TypeScript, and a strict content security policy.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import webpack from "webpack";
import * as vite7 from "vite-7";
import * as vite8 from "vite-8";
import * as chromium from "./support/browser.mjs";
import * as firefox from "./support/firefox.mjs";
import { pack, project } from "./support/packed.mjs";
import { page as answer, serve } from "./support/server.mjs";

const run = promisify(execFile);
const bin = (name) => fileURLToPath(new URL(`./node_modules/.bin/${name}`, import.meta.url));

/** What every page does: cookies by the default entry, the fetching one and js-cookie, and the session's lazy code. */
const PAGE_CODE = `
import { cookies, session, createCookies, CookieError } from "twinjar";
import { cookies as fetched } from "twinjar/fetch";
import { createSession } from "twinjar/session";
import Cookies from "twinjar/js-cookie";

const results = [cookies.set("a", "1 2"), fetched.get("a"), Cookies.get("a")];
try { cookies.set("__Host-a", "b", { path: "/x" }); } catch (error) { results.push(error instanceof CookieError && error.code); }
results.push(fetched.set("b", "2"), cookies.get("b"), createCookies("c=3").get("c"));
results.push(session.state().active, createSession().state().active);
results.push(await session.view().catch((error) => error.code));
globalThis.results = results;
`;
// The test's server answers every unknown address with a page.
const RESULTS = ["stored", "1 2", "1 2", "host_prefix", "stored", "2", "3", false, false, "malformed_answer"];

const html = (script) => `<!doctype html><html><head><title>user</title></head><body>${script}</body></html>`;

const VITE_PAGE = html('<script type="module" src="/main.js"></script>');
// Files are all that these servers have: the session API's address is a 404.
const VITE_RESULTS = [...RESULTS.slice(0, -1), "http_error"];

/** Vite's versions, and what the development server of each has to be told. */
const VITES = [
  ["Vite 7", vite7, { optimizeDeps: { exclude: ["twinjar"] } }],
  ["Vite 8", vite8, {}],
];

/** Opens the address in each browser and gives what its script found there; every error of a page fails the test. */
async function resultsOf(url) {
  const [inChromium, inFirefox] = [await resultsIn(chromium, url), await resultsIn(firefox, url)];
  assert.deepEqual(inFirefox, inChromium, "Firefox finds what Chromium does");
  return inChromium;
}

async function resultsIn(browser, url) {
  const page = await browser.open("about:blank", { entry: null });
  const errors = [];
  page.on("pageerror", ({ message }) => {
    // Firefox counts what a policy refuses among them: the page's icon, for one.
    if (!message.startsWith("Content-Security-Policy:")) errors.push(message);
  });
  await page.goto(url);
  const results = await page.evaluate(async () => {
    for (let i = 0; i < 400 && !globalThis.results; i++) await new Promise((done) => setTimeout(done, 50));
    return globalThis.results ?? "no results";
  });
  assert.deepEqual(errors, []);
  return results;
}

describe("packed", () => {
  let tarball;
  before(async () => {
    tarball = await pack();
  });

  test("publint and are-the-types-wrong find nothing", async () => {
    const lint = await run(bin("publint"), [tarball, "--strict"]);
    assert.match(lint.stdout, /All good!/);
    const types = await run(bin("attw"), [tarball, "--format", "json"]);
    const { problems } = JSON.parse(types.stdout);
    assert.deepEqual(problems, {});
  });

  /** Vite's development server of a project. */
  async function develop(vite, t, code, options) {
    const root = await project(tarball, { "index.html": VITE_PAGE, "main.js": code });
    const cacheDir = join(root, ".vite");
    const server = await vite.createServer({ root, logLevel: "silent", configFile: false, cacheDir, server: { host: "127.0.0.1", port: 0 }, ...options });
    t.after(() => server.close());
    await server.listen();
    return `http://127.0.0.1:${server.httpServer.address().port}/index.html`;
  }

  for (const [name, vite, options] of VITES) {
    test(`${name} builds it`, async () => {
      const root = await project(tarball, { "index.html": VITE_PAGE, "main.js": PAGE_CODE });
      await vite.build({ root, logLevel: "warn", configFile: false, build: { target: "es2022" } });
      const server = await serve({ folders: { "/": join(root, "dist/") } });
      assert.deepEqual(await resultsOf(server.at() + "/index.html"), VITE_RESULTS);
    });

    test(`${name}'s development server serves it`, async (t) => {
      assert.deepEqual(await resultsOf(await develop(vite, t, PAGE_CODE, options)), VITE_RESULTS);
    });
  }

  test("Vite 7's development server serves the default entry as it is, and of the fetching one a typed error", async (t) => {
    const code = `
      import { cookies } from "twinjar";
      const { name, code } = await import("twinjar/fetch").catch((error) => error);
      globalThis.results = [cookies.set("a", "1"), name, code];`;
    assert.deepEqual(await resultsOf(await develop(vite7, t, code)), ["stored", "CookieError", "wasm_missing"]);
  });

  test("webpack 5 builds it", async () => {
    const root = await project(tarball, { "main.js": PAGE_CODE });
    const stats = await promisify(webpack)({ context: root, entry: "./main.js", mode: "production", output: { path: join(root, "dist") }, experiments: { topLevelAwait: true } });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }).errors, []);
    const server = await serve({ folders: { "/dist/": join(root, "dist/") }, routes: { "/": (_, response) => answer(response, '<script src="/dist/main.js"></script>') } });
    assert.deepEqual(await resultsOf(server.at()), RESULTS);
  });

  test("webpack 5 builds what requires it", async () => {
    const code = `
      const { cookies, createCookies, CookieError, session } = require("twinjar");
      const { cookies: fetched } = require("twinjar/fetch");
      const { createSession, SessionError } = require("twinjar/session");
      const Cookies = require("twinjar/js-cookie");
      const results = [cookies.set("a", "1 2"), fetched.get("a"), Cookies.get("a"), createCookies("c=3").get("c")];
      try { cookies.set("__Host-a", "b", { path: "/x" }); } catch (error) { results.push(error instanceof CookieError && error.code); }
      results.push(SessionError === require("twinjar").SessionError);
      Promise.all([session, createSession()].map((client) => client.view().catch((error) => error instanceof SessionError && error.code)))
        .then((codes) => { globalThis.results = [...results, ...codes]; });`;
    const root = await project(tarball, { "main.js": code });
    const stats = await promisify(webpack)({ context: root, entry: "./main.js", mode: "production", output: { path: join(root, "dist") } });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }).errors, []);
    const server = await serve({ folders: { "/dist/": join(root, "dist/") }, routes: { "/": (_, response) => answer(response, '<script src="/dist/main.js"></script>') } });
    assert.deepEqual(await resultsOf(server.at()), ["stored", "1 2", "1 2", "3", "host_prefix", true, "malformed_answer", "malformed_answer"]);
  });

  test("a plain module script uses it, under a strict content security policy", async () => {
    const root = await project(tarball, { "main.js": PAGE_CODE });
    const map = JSON.stringify({ imports: { twinjar: "/m/index.js", "twinjar/fetch": "/m/fetch.js", "twinjar/session": "/m/session.js", "twinjar/js-cookie": "/m/js-cookie.js" } });
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256").update(map).digest("base64");
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; connect-src 'self'`;
    const server = await serve({
      folders: { "/m/": join(root, "node_modules/twinjar/"), "/app/": root },
      routes: {
        "/": (_, response) => {
          response.setHeader("Content-Security-Policy", policy);
          answer(response, '<script type="module" src="/app/main.js"></script>', `<script type="importmap">${map}</script>`);
        },
      },
    });
    assert.deepEqual(await resultsOf(server.at()), RESULTS);
  });

  test("a page that forbids WebAssembly gets one typed error", async () => {
    const root = await project(tarball, {
      "main.js": 'import { cookies } from "/m/index.js"; try { cookies.set("a", "1"); } catch (error) { globalThis.results = [error.name, error.code]; }',
    });
    const server = await serve({
      folders: { "/m/": join(root, "node_modules/twinjar/"), "/app/": root },
      routes: {
        "/": (_, response) => {
          response.setHeader("Content-Security-Policy", "script-src 'self'");
          answer(response, '<script type="module" src="/app/main.js"></script>');
        },
      },
    });
    assert.deepEqual(await resultsOf(server.at()), ["CookieError", "wasm_blocked"]);
  });

  test("classic scripts use it", async () => {
    const root = await project(tarball, {
      "main.js": `
        const { cookies, session, CookieError } = twinjar;
        const found = [cookies.set("a", "1"), Cookies.get("a"), typeof CookieError, session.state().active];
        const mine = Cookies.noConflict();
        found.push(Cookies, mine.get("a"));
        session.view().catch((error) => { globalThis.results = [...found, error.code]; });`,
    });
    const scripts = '<script>Cookies = "theirs"</script>' + ["/m/twinjar.umd.js", "/m/js-cookie.umd.js", "/app/main.js"].map((src) => `<script src="${src}"></script>`).join("");
    const server = await serve({
      folders: { "/m/": join(root, "node_modules/twinjar/"), "/app/": root },
      routes: { "/": (_, response) => answer(response, scripts) },
    });
    assert.deepEqual(await resultsOf(server.at()), ["stored", "1", "function", false, "theirs", "1", "malformed_answer"]);
  });

  test("Node imports and requires it by its name", async () => {
    const check = (tj, from) => `
      const { cookies, createCookies, CookieError } = ${tj};
      let code; try { cookies.set("a", "1"); } catch (error) { code = error instanceof CookieError && error.code; }
      console.log(${from}, cookies.get("a"), createCookies("a=%20b").get("a"), code);`;
    const root = await project(tarball, {
      "import.mjs": ["twinjar", "twinjar/fetch"].map((name) => `{ ${check(`await import("${name}")`, `"${name}"`)} }`).join("\n") + '\nimport Cookies from "twinjar/js-cookie"; import { session } from "twinjar/session"; console.log(Cookies.get("a"), session.state().active);',
      "require.cjs": ["twinjar", "twinjar/fetch"].map((name) => `{ ${check(`require("${name}")`, `"${name}"`)} }`).join("\n") + '\nconsole.log(require("twinjar/js-cookie").get("a"), require("twinjar/session").session.state().active);',
    });
    const expected = "twinjar undefined  b no_document\ntwinjar/fetch undefined  b no_document\nundefined false\n";
    for (const script of ["import.mjs", "require.cjs"]) {
      const { stdout } = await run(process.execPath, [script], { cwd: root });
      assert.equal(stdout, expected, script);
    }
  });

  test("TypeScript knows the whole API, and refuses wrong calls", async () => {
    const types = `
      import { cookies, session, defineCookie, createCookies, CookieError, SessionError, type CookieChange, type WriteOutcome } from "twinjar";
      import { createSession } from "twinjar/session";
      import Cookies from "twinjar/js-cookie";
      const text: string | undefined = cookies.get("a");
      const all: Record<string, string> = cookies.getAll();
      const every: string[] = cookies.getAll("a");
      const outcome: WriteOutcome = cookies.withDefaults({ secure: true }).set("a", "b", { maxAge: 1, expires: new Date(), sameSite: "lax", verify: true });
      const gone: boolean = cookies.remove("a", { path: "/", domain: "shop.example" });
      const left: string[] = cookies.clear().remaining;
      const check = cookies.check("a", "b");
      if (check.ok) check.notes; else { const sentence: string = check.message; sentence; }
      const stop: () => void = cookies.subscribe((change: CookieChange) => change.previous);
      const theme = defineCookie<"dark" | "light">({ name: "theme", maxAge: 31536000, codec: "string" });
      const value: "dark" | "light" | undefined = theme.get();
      theme.subscribe((next: "dark" | "light" | undefined) => next);
      const count: number | undefined = defineCookie({ name: "n", codec: "number" }).get();
      const flag: boolean | undefined = defineCookie({ name: "f", codec: "boolean" }).get();
      const cart: { n: number } | undefined = defineCookie<{ n: number }>({ name: "cart", codec: "json" }).get();
      const date: Date | undefined = defineCookie<Date>({ name: "d", codec: { encode: (d) => d.toISOString(), decode: (t) => new Date(t) } }).get();
      const header: string | undefined = createCookies(null).get("a");
      const mine = createSession<{ cart: { n: number } }>({ baseUrl: "/s" });
      const n: Promise<{ n: number } | undefined> = mine.update("cart", (c) => ({ n: (c?.n ?? 0) + 1 }));
      session.subscribe((event) => { if (event.type === "changed") event.revision; });
      const line: string | undefined = Cookies.withAttributes({ path: "/" }).set("a", 1, { expires: 7 });
      try { } catch (error) { if (error instanceof CookieError) error.code === "too_large"; if (error instanceof SessionError) error.status; }
      const status: number | undefined = new SessionError("network", "No answer.", { status: 503, detail: "Later.", cause: theme }).status;
      // @ts-expect-error values are strings
      cookies.set("a", 5);
      // @ts-expect-error an unknown option
      cookies.set("a", "b", { httponly: true });
      // @ts-expect-error an unknown level
      cookies.set("a", "b", { sameSite: "loose" });
      // @ts-expect-error a value of another type
      theme.set("blue");
      // @ts-expect-error a request's cookies can only be read
      createCookies("a=1").set("a", "b");
      // @ts-expect-error an unknown key
      mine.get("user");
    `;
    const options = (module, resolution) => JSON.stringify({ compilerOptions: { strict: true, noEmit: true, target: "ES2022", lib: ["ES2022", "DOM"], module, moduleResolution: resolution, types: [], skipLibCheck: false } });
    const root = await project(tarball, { "user.mts": types, "user.cts": types, "bundler.ts": types });
    const { writeFile } = await import("node:fs/promises");
    for (const [module, resolution, files] of [["NodeNext", "NodeNext", ["user.mts", "user.cts"]], ["ESNext", "Bundler", ["bundler.ts"]]]) {
      await writeFile(join(root, "tsconfig.json"), options(module, resolution).replace("}}", `},"files":${JSON.stringify(files)}}`));
      const { stdout } = await run(bin("tsc"), ["--project", root]).catch((error) => error);
      assert.equal(stdout, "", resolution);
    }
  });

  test("what is not used is not bundled", async () => {
    const root = await project(tarball, {
      "error.js": 'import { CookieError } from "twinjar"; console.log(CookieError.name);',
      "cookies.js": 'import { cookies } from "twinjar"; console.log(cookies.get("a"));',
      "nothing.js": 'import "twinjar";',
    });
    const { rolldown } = await import("rolldown");
    const sizes = {};
    for (const entry of ["error", "cookies", "nothing"]) {
      const bundle = await rolldown({ input: join(root, `${entry}.js`), cwd: root });
      const { output } = await bundle.generate({ minify: true });
      sizes[entry] = output.reduce((sum, chunk) => sum + chunk.code.length, 0);
    }
    assert.ok(sizes.nothing < 100, JSON.stringify(sizes));
    assert.ok(sizes.error < 7000, JSON.stringify(sizes));
    assert.ok(sizes.cookies > 10_000 && sizes.cookies < 27_000, JSON.stringify(sizes));
  });
});
