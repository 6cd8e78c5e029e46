// A PostgreSQL of the test's own.

import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort, start } from "./process.mjs";

const run = promisify(execFile);

/** Starts a server on a free port, which lets everybody in, with an empty database `postgres`. */
export async function startPostgres() {
  const programs = await folderOf("initdb");
  const folder = await mkdtemp(join(tmpdir(), "twinjar-express-"));
  // It refuses to run as root.
  const user = process.getuid() === 0 ? await userOf("nobody") : {};
  if (user.uid) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const as = { ...user, cwd: folder };
  const made = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--auth=trust", "--pgdata", data];
  await run(join(programs, "initdb"), made, as);
  const port = await freePort();
  const args = ["-D", data, "-k", folder, "-h", "127.0.0.1", "-p", String(port), "-c", "fsync=off"];
  const server = await start(join(programs, "postgres"), args, {}, (line) => /ready to accept connections/.exec(line), as);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const pool = new pg.Pool({ connectionString: url });
  pool.on("error", () => {});
  const stop = async () => {
    await pool.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, pool, stop };
}

/** Debian keeps the programs off the search path, a folder for each version. */
async function folderOf(program) {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  const folders = process.env.PATH.split(delimiter).concat(versions.map((v) => `/usr/lib/postgresql/${v}/bin`));
  for (const folder of folders) {
    if (await stat(join(folder, program)).catch(() => undefined)) return folder;
  }
  throw new Error(`${program} is not installed; run: apt-get install postgresql`);
}

async function userOf(name) {
  const id = async (flag) => Number((await run("id", [flag, name])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}
