// The sizes that the package promises: gzip, bundled and minified, whole entries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sizes } from "./bundles.mjs";

/** Bytes. */
const LIMITS = {
  twinjar: 9500,
  "twinjar/fetch": 8000,
  "twinjar/js-cookie": 8500,
  "twinjar/session, in addition": 36_000,
};

const measured = Object.fromEntries((await sizes()).map(([name, raw, gzip]) => [name, { raw, gzip }]));

for (const [name, limit] of Object.entries(LIMITS)) {
  test(`${name} has at most ${limit} bytes`, () => {
    const { raw, gzip } = measured[name];
    assert.ok(gzip <= limit, `${gzip} bytes`);
    assert.ok(raw > gzip && gzip > 500, `nothing was measured: ${raw} bytes, ${gzip} compressed`);
  });
}

test("the module is in the entry that has it inlined, and beside the one that fetches it", () => {
  assert.ok(measured.twinjar.gzip > measured["twinjar, cookies alone"].gzip);
  assert.ok(measured.twinjar.raw > measured["twinjar/fetch"].raw, "inlined it is larger");
});
