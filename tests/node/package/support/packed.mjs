// The package as a user gets it: packed by npm, and installed from the tarball into a project.

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PACKAGE } from "./server.mjs";

const run = promisify(execFile);

/** A folder that goes with this process. */
async function temporary() {
  const folder = await mkdtemp(join(tmpdir(), "twinjar-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Packs the package, and gives the tarball's path. */
export async function pack() {
  const folder = await temporary();
  const { stdout } = await run("npm", ["pack", PACKAGE, "--json", "--pack-destination", folder], { cwd: folder });
  const packed = JSON.parse(stdout);
  const { filename } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
  return join(folder, filename);
}

/** A project with the tarball installed and the given files. */
export async function project(tarball, files) {
  const folder = await temporary();
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
  await run("npm", ["install", tarball, "--no-audit", "--no-fund", "--offline"], { cwd: folder });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

