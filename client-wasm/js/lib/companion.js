// The companion cookie: what the page knows of its session without a request. Its format is that of
// `shared/src/session/companion.rs`.

import { COMPANION_NAME } from "./companion-name.js";

const TEXT = /^1\.([^.]+)\.(\d+)\.(\d*)\.(\d*)$/;

/** The session's state as the page sees it, and its token. No companion, or one of an unknown form, is no session. */
export function readCompanion(cookies, name = COMPANION_NAME) {
  const [found, csrfToken, revision = 0, idle, absolute] = TEXT.exec(cookies.get(name)) ?? [];
  return {
    csrfToken,
    state: { active: !!found, revision: +revision, idleExpiresAt: time(idle), absoluteExpiresAt: time(absolute) },
  };
}

function time(field) {
  return field ? +field : null;
}
