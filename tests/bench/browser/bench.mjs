// Reads, writes, size and loading of the package beside js-cookie, in headless Chromium.
// Rounds are interleaved: each measures every subject once. Numbers are medians; ratios are taken within a round.
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "./site.mjs";

const ROUNDS = 21;
const READS = 20_000;
const WRITES = 1_000;
const LOADS = 15;

const here = path => fileURLToPath(new URL(path, import.meta.url));
const site = await serve({
  "/pkg/": process.env.TWINJAR_PACKAGE ?? here("../../../www/pkg"),
  "/js-cookie/": here("node_modules/js-cookie/dist"),
});
const ENTRIES = { "js-cookie": "/js-cookie/js.cookie.min.mjs", twinjar: "/pkg/index.js", "twinjar/fetch": "/pkg/fetch.js" };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  await measureCalls();
  await measureLoading();
} finally {
  await browser.close();
  site.close();
}

async function measureCalls() {
  table("Microseconds a call (how many times faster than js-cookie)", ["document.cookie", "js-cookie", "twinjar"]);
  for (const count of [1, 20, 50]) {
    row(`get, ${count} cookie${count === 1 ? "" : "s"}`, await calls(count, "get", READS));
    row(`getAll, ${count} cookie${count === 1 ? "" : "s"}`, await calls(count, "getAll", READS / 4));
  }
  row("set, 20 cookies", await calls(20, "set", WRITES));
  row("get after set, 20 cookies", await calls(20, "setGet", WRITES / 4));
}

/** Each round's microseconds a call of each subject. */
async function calls(count, operation, repeats) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.origin);
  const rounds = await page.evaluate(async ({ entries, count, operation, repeats, rounds }) => {
    for (let n = 0; n < count; n++) document.cookie = `name${n}=value%20number%20${n}; path=/`;
    const { default: jsCookie } = await import(entries["js-cookie"]);
    const { cookies } = await import(entries.twinjar);
    const name = `name${count >> 1}`;
    const bare = { get: () => document.cookie, set: value => { document.cookie = `${name}=${value}; path=/`; } };
    let turn = 0;
    const other = jar => ({
      get: () => jar.get(name),
      getAll: () => (jar.getAll ?? jar.get)(),
      set: value => jar.set(name, value),
      setGet: value => { jar.set(name, value); return jar.get(name); },
    });
    bare.getAll = bare.get;
    bare.setGet = value => { bare.set(value); return bare.get(); };
    const subjects = { "document.cookie": bare, "js-cookie": other(jsCookie), twinjar: other(cookies) };
    const time = call => {
      const start = performance.now();
      for (let n = 0; n < repeats; n++) call(`value${turn++ % 1000}`);
      return (performance.now() - start) * 1000 / repeats;
    };
    for (const subject of Object.values(subjects)) time(subject[operation]);
    return Array.from({ length: rounds }, () =>
      Object.fromEntries(Object.entries(subjects).map(([name, subject]) => [name, time(subject[operation])])));
  }, { entries: ENTRIES, count, operation, repeats, rounds: ROUNDS });
  await context.close();
  return rounds;
}

async function measureLoading() {
  const loads = {};
  const weights = {};
  for (let round = 0; round < LOADS; round++) {
    for (const [name, entry] of Object.entries(ENTRIES)) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(site.origin);
      site.weigh();
      const time = await page.evaluate(async entry => {
        const start = performance.now();
        await import(entry);
        return performance.now() - start;
      }, entry);
      weights[name] = site.weigh();
      (loads[name] ??= []).push(time);
      await context.close();
    }
  }
  console.log("\nLoading, over loopback and without a cache");
  console.log("  entry               files       raw      gzip    brotli   import ms");
  for (const [name, { files, raw, gzip, brotli }] of Object.entries(weights)) {
    const numbers = [raw, gzip, brotli].map(bytes => String(bytes).padStart(9)).join(" ");
    console.log(`  ${name.padEnd(18)} ${String(files).padStart(6)} ${numbers} ${median(loads[name]).toFixed(1).padStart(11)}`);
  }
}

function table(title, subjects) {
  console.log(`\n${title}`);
  console.log(`  ${"".padEnd(28)}${subjects.map(subject => subject.padStart(20)).join("")}`);
}

function row(title, rounds) {
  const cells = Object.keys(rounds[0]).map(subject => {
    const time = median(rounds.map(round => round[subject])).toFixed(2);
    const ratio = median(rounds.map(round => round["js-cookie"] / round[subject])).toFixed(1);
    return `${time} (${ratio})`.padStart(20);
  });
  console.log(`  ${title.padEnd(28)}${cells.join("")}`);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
