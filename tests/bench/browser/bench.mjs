// Reads, writes, loading and size of the package beside the libraries that do the same, in headless Chromium.
//
// Rounds are interleaved: each measures every subject once, for a few milliseconds. Numbers are medians over the rounds;
// ratios are taken within a round, so that what slows the machine for a while does not count.
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PACKAGE, SUBJECTS, bundleSubjects, fileOf, sizes } from "./bundles.mjs";
import { serve } from "./site.mjs";

/** Rounds of calls, and of loading. */
const ROUNDS = 61;
const LOADS = 11;

/** How long a round measures reads, in milliseconds. */
const TURN = 3;
/**
 * How many writes a round measures: as many of each subject, because they queue up and the later ones take longer. The
 * first read after a write takes the browser fifty times as long as others.
 */
const WRITES = { set: 1000, remove: 1000, setGet: 20 };

const OPERATIONS = { get: "get", miss: "get of none", getAll: "getAll", set: "set", remove: "remove", setGet: "set, then get" };

const bundles = await bundleSubjects();
// The fetching entry finds its module one folder above the bundle.
const site = await serve({ "/bundles/": bundles.folder, "/twinjar.wasm": join(PACKAGE, "twinjar.wasm") });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  await showCalls();
  await showLoading();
  await showSizes();
} finally {
  await browser.close();
  site.close();
  await bundles.remove();
}

async function showCalls() {
  console.log("Microseconds a call (time as a part of js-cookie's)\n");
  row(["", ...SUBJECTS]);
  row(["---", ...SUBJECTS.map(() => "---:")]);
  for (const [operation, title] of Object.entries(OPERATIONS)) {
    for (const count of [1, 20, 50]) {
      const rounds = await calls(count, operation);
      const cells = SUBJECTS.map((subject) => {
        const time = median(rounds.map((round) => round[subject]));
        const part = median(rounds.map((round) => round[subject] / round["js-cookie"]));
        return `${time.toFixed(2)} (${part.toFixed(2)})`;
      });
      row([`${title}, ${count}`, ...cells]);
    }
  }
}

/** Each round's microseconds a call of each subject, on a page with so many cookies. */
async function calls(count, operation) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.origin);
  const files = Object.fromEntries(SUBJECTS.map((subject) => [subject, `/bundles/${fileOf(subject)}`]));
  const rounds = await page.evaluate(async ({ files, count, operation, writes, turn, rounds }) => {
    for (let n = 0; n < count; n++) document.cookie = `name${n}=value%20number%20${n}; path=/`;
    const subjects = {};
    for (const [subject, file] of Object.entries(files)) subjects[subject] = await import(file);
    const name = `name${count >> 1}`;
    let number = 0;
    const value = () => `value${number++ % 1000}`;
    const operations = {
      get: (subject) => subject.get(name),
      miss: (subject) => subject.get("missing"),
      getAll: (subject) => subject.getAll(),
      set: (subject) => subject.set(name, value()),
      remove: (subject) => subject.remove("missing"),
      setGet: (subject) => (subject.set(name, value()), subject.get(name)),
    };
    const call = operations[operation];
    const time = (subject, calls) => {
      const start = performance.now();
      for (let n = 0; n < calls; n++) call(subject);
      return ((performance.now() - start) * 1000) / calls;
    };
    // Writes are carried out in another process: a read waits for all of them, so that no subject pays for others.
    const settle = async () => {
      if (!writes) return;
      document.cookie;
      await new Promise((done) => setTimeout(done, 10));
      document.cookie;
    };
    const calls = {};
    for (const [name, subject] of Object.entries(subjects)) {
      time(subject, 100);
      calls[name] = writes ?? Math.min(1000, Math.ceil((turn * 1000) / time(subject, 100)));
      for (let warming = 0; warming < 2; warming++) time(subject, calls[name]);
    }
    const results = [];
    for (let round = 0; round < rounds; round++) {
      const result = {};
      // Another subject begins each round, and every other goes backwards: what one leaves to the browser to do is not
      // always the same one's burden.
      const order = Object.entries(subjects);
      order.unshift(...order.splice(round % order.length));
      if (round % 2 === 1) order.reverse();
      for (const [name, subject] of order) {
        await settle();
        result[name] = time(subject, calls[name]);
      }
      results.push(result);
    }
    return results;
  }, { files, count, operation, writes: WRITES[operation], turn: TURN, rounds: ROUNDS });
  await context.close();
  return rounds;
}

async function showLoading() {
  const loads = Object.fromEntries(SUBJECTS.map((subject) => [subject, []]));
  for (let round = 0; round < LOADS; round++) {
    for (const subject of SUBJECTS) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(site.origin);
      const time = await page.evaluate(async (file) => {
        document.cookie = "name=value; path=/";
        const start = performance.now();
        (await import(file)).get("name");
        return performance.now() - start;
      }, `/bundles/${fileOf(subject)}`);
      loads[subject].push(time);
      await context.close();
    }
  }
  console.log("\nFrom import to the first get, over loopback and without a cache\n");
  row(["", "milliseconds"]);
  row(["---", "---:"]);
  for (const subject of SUBJECTS) row([subject, median(loads[subject]).toFixed(1)]);
}

async function showSizes() {
  console.log("\nBytes, bundled and minified\n");
  row(["", "raw", "gzip", "brotli"]);
  row(["---", "---:", "---:", "---:"]);
  for (const size of await sizes()) row(size);
}

function row(cells) {
  console.log(`| ${cells.join(" | ")} |`);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
