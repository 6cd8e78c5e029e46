// Reading Set-Cookie as a user agent, against three packages that do.
import { compare } from "../lib/compare.mjs";
import { setCookies } from "../lib/generate.mjs";
import { parseSetCookie2, parseSetCookieParser, parseTough } from "../lib/peers.mjs";
import { CASES } from "../lib/random.mjs";

const kind = "set-cookie-parse";
const inputs = [
  "a=b",
  "a=b; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60; Domain=example.com",
  ...setCookies(CASES),
];

compare({ kind, peer: "cookie", inputs, theirs: parseSetCookie2 });
compare({ kind, peer: "set-cookie-parser", inputs, theirs: parseSetCookieParser });
compare({ kind, peer: "tough-cookie", inputs, theirs: parseTough });
