// What of sessions every entry holds, and gives to the session client: the companion cookie's state, the
// error's class, what is done with listeners.

import { readCompanion } from "./companion.js";
import { checkListener, deliver } from "./listener.js";
import { SessionError } from "./session-error.js";

export const base = { checkListener, deliver, readCompanion, SessionError };
