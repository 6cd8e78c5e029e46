// The session client as the entries offer it: its code is loaded when it is first used.

import { readCompanion } from "./companion.js";
import { checkListener, deliver } from "./listener.js";
import { base } from "./session-base.js";
import { SessionError } from "./session-error.js";

/** Milliseconds until a subscription tries again to load what was not to be had. */
const RETRY = 10_000;

/**
 * @param cookies the jar that shows the companion cookie
 * @param load imports the client's module
 */
export function createLazySession(cookies, load) {
  let client;
  const loaded = () =>
    (client ??= load().then(
      ({ createSession }) => createSession(base, cookies),
      (cause) => {
        client = undefined;
        throw new SessionError("network", "Try again: the session client was not loaded.", { cause });
      },
    ));
  const session = {
    state: () => readCompanion(cookies).state,
    subscribe(listener) {
      checkListener(listener, SessionError);
      const { active } = session.state();
      let stop;
      let stopped;
      const begin = () =>
        loaded().then(
          (client) => {
            if (stopped) return;
            stop = client.subscribe(listener);
            // The session may have ended while the client was on its way.
            if (active && !session.state().active) deliver(listener, { type: "ended" });
          },
          () => stopped || setTimeout(begin, RETRY),
        );
      begin();
      return () => {
        stopped = true;
        stop?.();
      };
    },
  };
  for (const name of ["get", "set", "delete", "update", "view", "rotate", "destroy"]) {
    session[name] = async (...parameters) => (await loaded())[name](...parameters);
  }
  return session;
}
