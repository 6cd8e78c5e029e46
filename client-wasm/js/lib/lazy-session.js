// The session client as the entries offer it: its code is loaded when it is first used.

import { readState } from "./companion.js";
import { base } from "./session-base.js";

/**
 * @param cookies the jar that shows the companion cookie
 * @param load imports the client's module
 */
export function createLazySession(cookies, load) {
  let client;
  const loaded = () => (client ??= load().then(({ createSession }) => createSession(base, cookies)));
  const methods = ["get", "set", "delete", "update", "view", "rotate", "destroy"].map((name) => [
    name,
    async (...parameters) => (await loaded())[name](...parameters),
  ]);
  return {
    ...Object.fromEntries(methods),
    state: () => readState(cookies),
    subscribe(listener) {
      let stop;
      let stopped = false;
      const { active } = readState(cookies);
      loaded().then((session) => {
        if (stopped) return;
        stop = session.subscribe(listener);
        // The session may have ended while the client was on its way.
        if (active && !session.state().active) listener({ type: "ended" });
      });
      return () => {
        stopped = true;
        stop?.();
      };
    },
  };
}
