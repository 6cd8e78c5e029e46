/** The readable cookie that the server sets beside the sealed one: deadlines, revision and CSRF token, no key to anything. */
export const COMPANION = "__Host-session-state";

/** The sealed one. Scripts know its name only because somebody told them. */
export const SEALED = document.getElementById("texts").dataset.sealed;

/** Whether the sessions are those of an Express application: they can be neither listed nor watched, and know no absolute limit. */
export const IS_EXPRESS = SEALED === "connect.sid";
