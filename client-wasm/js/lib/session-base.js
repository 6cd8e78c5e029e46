// What of sessions every entry holds, and gives to the session client, in the order in which it takes them: what is done
// with listeners, the companion cookie's state, the error's class.

import { readCompanion } from "./companion.js";
import { checkListener, deliver } from "./listener.js";
import { SessionError } from "./session-error.js";

export const base = [checkListener, deliver, readCompanion, SessionError];
