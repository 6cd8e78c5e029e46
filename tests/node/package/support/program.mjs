// Where a browser is.

import { accessSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of these programs on the search path, unless the environment names another. */
export function program(variable, names) {
  return process.env[variable] ?? find(variable, names);
}

function find(variable, names) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      const program = join(folder, name);
      try {
        accessSync(program);
        return program;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(`none of ${names.join(", ")} is on the search path: install one, or name it in ${variable}`);
}
