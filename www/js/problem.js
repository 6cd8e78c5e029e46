// What to tell about a request that the server refused or never answered.
import { SessionError } from "../pkg/index.js";

const TEXT = { down: "The server does not answer. Your cookies are untouched; ask again when it is back." };

/** `{ status, code, sentence, isDown }` of a failed session call. Other errors are ours: they are thrown on. */
export function explain(error) {
  if (!(error instanceof SessionError)) throw error;
  const isDown = !error.status;
  return {
    status: error.status ?? 0,
    code: isDown ? error.code : `${error.status} ${error.code}`,
    sentence: isDown ? TEXT.down : (error.detail ?? error.message),
    isDown,
  };
}
