// Asks the `conformance` program: JSON lines in, JSON lines out.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../../../target/release/examples/conformance", import.meta.url));
const PROGRAM = process.env.TWINJAR_CONFORMANCE || BUILT;

/** The results for inputs of one kind, in order. A question that is not answered is an error. */
export function ask(kind, inputs) {
  if (!existsSync(PROGRAM)) {
    throw new Error(
      `${PROGRAM} is missing: run "cargo build --release -p twinjar-shared --example conformance", ` +
        "or name the program in TWINJAR_CONFORMANCE",
    );
  }
  const lines = inputs.map((input, id) => JSON.stringify({ id, kind, input }));
  const run = spawnSync(PROGRAM, { input: lines.join("\n"), maxBuffer: 2 ** 30, encoding: "utf8" });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${PROGRAM} ended with ${run.status}: ${run.stderr}`);
  const answers = run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return inputs.map((input, id) => {
    const answer = answers[id];
    if (answer?.id !== id || !("result" in answer)) {
      throw new Error(`no answer to ${lines[id]}: ${JSON.stringify(answer)}`);
    }
    return answer.result;
  });
}
