// Compares our answers with a peer's. Where they differ, `deliberate.mjs` must say why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { DELIBERATE } from "../deliberate.mjs";
import { ask } from "./program.mjs";
import { SEED } from "./random.mjs";

/**
 * Defines the tests of one comparison.
 *
 * @param kind the kind of the conformance program
 * @param peer the npm package, as in `deliberate.mjs`
 * @param inputs what both are asked
 * @param theirs gives the peer's answer to an input, in the shape of ours
 * @param ours turns our answer into that shape, where the peer's knows less
 */
export function compare({ kind, peer, inputs, theirs, ours = (result) => result }) {
  const differences = DELIBERATE.filter((d) => d.kind === kind && d.peer === peer);

  test(`${kind}: as ${peer} answers, or for a reason`, (t) => {
    t.diagnostic(`TWINJAR_SEED=${SEED}`);
    const counts = new Map();
    ask(kind, inputs).forEach((result, index) => {
      const input = inputs[index];
      const [our, their] = [ours(result, input), theirs(input)];
      const unexplained = differing(our, their).filter(
        (field) => !explains(differences, input, field, counts),
      );
      assert.deepEqual(unexplained, [], explain(input, our, their));
    });
    const named = [...counts].map(([id, count]) => `${id} ${count}`);
    t.diagnostic(`${inputs.length} cases; different on purpose: ${named.join(", ") || "none"}`);
  });

  // Reasons must not cover everything: most cases are to be the same.
  test(`${kind}: few cases may differ from ${peer}`, () => {
    const free = inputs.filter((input) => !differences.some((difference) => difference.zone(input)));
    assert.ok(
      free.length * 3 >= inputs.length,
      `only ${free.length} of ${inputs.length} cases must be the same`,
    );
  });

  for (const difference of differences) {
    test(`${kind}: differs from ${peer}: ${difference.id}`, () => {
      const { input } = difference.example;
      const our = ours(ask(kind, [input])[0], input);
      assert.deepEqual(
        { ours: our, theirs: theirs(input) },
        { ours: difference.example.ours, theirs: difference.example.theirs },
      );
      const fields = differing(our, theirs(input));
      assert.notDeepEqual(fields, [], "the example shows no difference");
      assert.ok(difference.zone(input), "the example is not where the difference is");
      assert.ok(
        fields.every((field) => covers(difference, field)),
        `the example differs in ${fields}`,
      );
    });
  }
}

/** The names of the fields that differ; `*` where the answers have no common fields. */
function differing(our, their) {
  if (isDeepStrictEqual(our, their)) return [];
  const plain = (answer) => typeof answer === "object" && answer !== null && !Array.isArray(answer);
  if (!plain(our) || !plain(their)) return ["*"];
  const fields = new Set([...Object.keys(our), ...Object.keys(their)]);
  return [...fields].filter((field) => !isDeepStrictEqual(our[field], their[field]));
}

function explains(differences, input, field, counts) {
  const reason = differences.find((difference) => covers(difference, field) && difference.zone(input));
  if (reason) counts.set(reason.id, (counts.get(reason.id) ?? 0) + 1);
  return reason !== undefined;
}

function covers(difference, field) {
  return (difference.fields ?? ["*"]).includes(field);
}

function explain(input, our, their) {
  const show = (value) => JSON.stringify(value);
  return `TWINJAR_SEED=${SEED}\ninput  ${show(input)}\nours   ${show(our)}\ntheirs ${show(their)}`;
}
