/** The readable cookie that the server sets beside the sealed one: deadlines, revision and CSRF token, no key to anything. */
export const COMPANION = "__Host-session-state";

/** The sealed one. Scripts know its name only because somebody told them. */
export const SEALED = "__Host-id";
