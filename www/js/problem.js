// What to tell about a request that the server refused or never answered.
import { SessionError } from "../pkg/index.js";
import { reason } from "./text.js";

/** `{ code, sentence, isDown }` of a failed session call. Other errors are ours: they are thrown on. */
export function explain(error) {
  if (!(error instanceof SessionError)) throw error;
  return {
    code: error.status ? `${error.status} ${error.code}` : error.code,
    sentence: reason(error.code, error.detail ?? error.message),
    isDown: error.code === "network",
  };
}
