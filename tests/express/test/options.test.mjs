// Every option that the installed packages document is in server/EXPRESS.md, as supported or as not supported.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const guide = readFileSync(new URL("../../../server/EXPRESS.md", import.meta.url), "utf8");

/** The part of the guide under a heading. */
function part(heading) {
  const start = guide.indexOf(`\n## ${heading}\n`);
  assert.ok(start >= 0, `EXPRESS.md has a part ${heading}`);
  const end = guide.indexOf("\n## ", start + 1);
  return guide.slice(start, end < 0 ? undefined : end);
}

/** What the guide has in code marks there, without arguments. */
function mentioned(heading) {
  const code = [...part(heading).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return new Set(code.flatMap((code) => [code, code.replace(/\(.*/s, "")]));
}

function readme(name) {
  const folder = new URL(`../node_modules/${name}/`, import.meta.url);
  const file = readdirSync(fileURLToPath(folder)).find((file) => /^readme\.md$/i.test(file));
  return readFileSync(new URL(file, folder), "utf8");
}

const all = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name.replace(/\(.*/s, "").trim());

const headings = (text) => all(text, /^#{5} ([\w.]+)/gm);
const bullets = (text) => all(text, /^\s*[*-] (?:\*\*|`)(\w+)(?:\*\*|`)/gm);
const between = (text, from, to) => text.slice(text.search(from), text.search(to));

const LISTS = {
  "express-session": ["express-session", 18, (text) => headings(text)],
  "express-session's calls": ["express-session", 9, (text) =>
    all(between(text, /^### req\.session$/m, /^## Session Store/m), /^#{3,4} ([\w.]+)/gm)],
  "connect-redis": ["connect-redis", 7, (text) => headings(text)],
  "connect-pg-simple": ["connect-pg-simple", 12, (text) =>
    bullets(between(text, /^## Advanced options/m, /^## Useful methods/m))],
  "cookie-parser": ["cookie-parser and res.cookie", 3, (text) => bullets(text)],
  "cookie-parser's calls": ["cookie-parser and res.cookie", 5, (text) => all(text, /^### ([\w.]+)/gm)],
  "js-cookie": ["js-cookie", 6, (text) => all(between(text, /^## Cookie Attributes/m, /^### Setting up/m), /^### (\w+)/gm)],
  "js-cookie's calls": ["js-cookie", 3, (text) => [...new Set(all(text, /(Cookies\.(?:get|set|remove))\(/g))]],
};

for (const [title, [heading, least, list]] of Object.entries(LISTS)) {
  test(`${title}: each option is in the guide`, () => {
    const names = list(readme(title.replace(/'s calls$/, "")));
    assert.ok(names.length >= least, `the README is read: ${names}`);
    const known = mentioned(heading);
    assert.deepEqual(names.filter((name) => !known.has(name)), []);
  });
}

test("connect-redis: each option of its types is in the guide", () => {
  const types = readFileSync(new URL("../node_modules/connect-redis/dist/connect-redis.d.ts", import.meta.url), "utf8");
  const names = all(between(types, /interface RedisStoreOptions/, /interface Serializer/), /^ {4}(\w+)\??:/gm);
  assert.ok(names.length >= 7, `the types are read: ${names}`);
  const known = mentioned("connect-redis");
  assert.deepEqual(names.filter((name) => !known.has(name)), []);
});

test("the options of res.cookie that Express' cookie package knows are in the guide", () => {
  const source = readFileSync(new URL("../node_modules/cookie/index.js", import.meta.url), "utf8");
  const names = [...new Set(all(source.slice(source.indexOf("function serialize")), /\bopt\.(\w+)/g))];
  assert.ok(names.length >= 9, `the package is read: ${names}`);
  const known = mentioned("cookie-parser and res.cookie");
  assert.deepEqual(names.filter((name) => !known.has(name)), []);
});
