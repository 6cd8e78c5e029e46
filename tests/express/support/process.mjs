// Programs that a test starts, and that end with it.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** A port that is free at this moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/**
 * Starts a program, and waits for the line of its output that `ready` finds something in. `more` are further options of
 * `spawn`.
 */
export async function start(program, args, env, ready, more = {}) {
  const child = spawn(program, args, { ...more, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  const said = [];
  const found = new Promise((found, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => failed(new Error(`${program} ended (${code}); it said:\n${said.join("\n")}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const match = ready(line);
        if (match) found(match);
      });
    }
  });
  const stop = async () => {
    process.off("exit", end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((ended) => child.once("exit", ended));
    end();
    await ended;
  };
  try {
    return { found: await found, child, stop, said };
  } catch (error) {
    await stop();
    throw error;
  }
}
