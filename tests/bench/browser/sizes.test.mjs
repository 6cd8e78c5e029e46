// The sizes that the package promises: gzip, bundled and minified, whole entries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sizes } from "./bundles.mjs";

/** Bytes that the package promises to stay within. */
const PROMISED = {
  twinjar: 9500,
  "twinjar/fetch": 8000,
  "twinjar/js-cookie": 8500,
  "twinjar/session, in addition": 36_000,
};

/** A twelfth above what was measured last: what grows beyond it grows by more than a compiler's whim. */
const EXPECTED = {
  twinjar: 9240,
  "twinjar/fetch": 8000,
  "twinjar/js-cookie": 970,
  "twinjar/session, in addition": 2650,
};

const ADVICE =
  "`cargo xtask bench browser` shows the size of each entry. Look for what was added since the last release, or for an " +
  "import that keeps bundlers from dropping code; after a new Rust or esbuild, compare with the sizes of the commit " +
  "before it. Growth that is meant raises the number in tests/bench/browser/sizes.test.mjs, within what is promised.";

const measured = Object.fromEntries((await sizes()).map(([name, raw, gzip]) => [name, { raw, gzip }]));

for (const [name, promised] of Object.entries(PROMISED)) {
  test(`${name} has at most ${promised} bytes, and about as many as before`, () => {
    const { raw, gzip } = measured[name];
    assert.ok(raw > gzip && gzip > 500, `nothing was measured: ${raw} bytes, ${gzip} compressed`);
    assert.ok(gzip <= promised, `${gzip} bytes, more than promised. ${ADVICE}`);
    assert.ok(gzip <= EXPECTED[name], `${gzip} bytes, more than the ${EXPECTED[name]} expected. ${ADVICE}`);
  });
}

test("the module is in the entry that has it inlined, and beside the one that fetches it", () => {
  assert.ok(measured.twinjar.gzip > measured["twinjar, cookies alone"].gzip);
  assert.ok(measured.twinjar.raw > measured["twinjar/fetch"].raw, "inlined it is larger");
});
