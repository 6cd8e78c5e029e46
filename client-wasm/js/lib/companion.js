// The companion cookie: what the page knows of its session without a request. Its format is that of
// `shared/src/session/companion.rs`.

import { COMPANION_NAME } from "./companion-name.js";

const TEXT = /^1\.([^.]+)\.(\d+)\.(\d*)\.(\d*)$/;

/** The companion's token and the state that it tells; undefined where there is none that this version knows. */
export function readCompanion(cookies, name = COMPANION_NAME) {
  const fields = TEXT.exec(cookies.get(name));
  if (!fields) return undefined;
  const [, csrfToken, revision, idle, absolute] = fields;
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
