// What is known of a cookie's attributes. Browsers tell scripts name and value; what this page has written it knows
// itself, and keeps for as long as the tab is open.
import { COMPANION } from "./companion.js";

const STORE = "cookie-attributes";
/** On such a page the package writes Secure cookies unless it is told otherwise. */
const IS_HTTPS = location.protocol === "https:";
const remembered = new Map(JSON.parse(sessionStorage.getItem(STORE) ?? "[]"));

/** Keeps the options of a write. An age becomes the time at which it ends. */
export function remember(name, { maxAge, path = "/", sameSite = "lax", secure = IS_HTTPS, partitioned = false }) {
  const expires = maxAge === undefined ? null : Date.now() + maxAge * 1000;
  remembered.set(name, { path, sameSite, secure, partitioned, expires });
  sessionStorage.setItem(STORE, JSON.stringify([...remembered]));
}

/** `{ words, expires }`: attributes as in Set-Cookie, and when the cookie ends, null where the browser decides. Undefined: unknown. */
export function attributesOf(name) {
  // The server sets it so, always: server/src/layer/config.rs.
  if (name === COMPANION) return { words: ["Path=/", "Secure", "SameSite=Lax"], expires: null };
  const known = remembered.get(name);
  if (!known) return undefined;
  const flags = [known.secure && "Secure", known.partitioned && "Partitioned"].filter(Boolean);
  const sameSite = known.sameSite[0].toUpperCase() + known.sameSite.slice(1);
  return { words: [`Path=${known.path}`, ...flags, `SameSite=${sameSite}`], expires: known.expires };
}
