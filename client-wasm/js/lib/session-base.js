// What of sessions every entry holds, and gives to the session client: the companion cookie's state, the error's class.

import { readCompanion, readState } from "./companion.js";
import { SessionError } from "./session-error.js";

export const base = { readCompanion, readState, SessionError };
