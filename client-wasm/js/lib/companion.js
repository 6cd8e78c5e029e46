// The companion cookie: what the page knows of its session without a request. Its format is that of
// `shared/src/session/companion.rs`.

import { COMPANION_NAME } from "./companion-name.js";

const VERSION = "1";
const TEXT = /^[^.]+\.\d+\.\d*\.\d*$/;

/** The companion's fields; undefined where there is no session, or a text that this version does not know. */
export function readCompanion(cookies, name = COMPANION_NAME) {
  const text = cookies.get(name);
  if (!text?.startsWith(VERSION + ".") || !TEXT.test(text.slice(VERSION.length + 1))) return undefined;
  const [, csrfToken, revision, idle, absolute] = text.split(".");
  return {
    csrfToken,
    state: { active: true, revision: +revision, idleExpiresAt: time(idle), absoluteExpiresAt: time(absolute) },
  };
}

/** The state of a session as the page sees it. */
export function readState(cookies, name) {
  return (
    readCompanion(cookies, name)?.state ?? {
      active: false,
      revision: 0,
      idleExpiresAt: null,
      absoluteExpiresAt: null,
    }
  );
}

function time(field) {
  return field === "" ? null : +field;
}
