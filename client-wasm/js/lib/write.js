// Writes: judged by the rules before, read back after where there is a doubt.

import { CookieError } from "./error.js";

/** The line that sets the cookie; throws a CookieError where it cannot be set. */
export function judge(engine, name, value, attributes) {
  return line(engine, name, encode(value, attributes.raw), attributes, 0);
}

/** Sets a cookie. */
export function store(engine, source, name, value, attributes) {
  const raw = encode(value, attributes.raw);
  source.write(line(engine, name, raw, attributes, 0));
  if (!visible(attributes.path)) return "unverifiable";
  const gone = attributes.maxAge <= 0 || (attributes.maxAge !== attributes.maxAge && attributes.expires * 1000 <= Date.now());
  if (source.read().hasRaw(name, raw) === gone) throw refused(attributes);
  return "stored";
}

/** Removes a cookie. True if no cookie of that name is left. */
export function erase(engine, source, name, attributes) {
  source.write(line(engine, name, "", attributes, REMOVAL));
  return !source.read().has(name);
}

const REMOVAL = 16;

function line(engine, name, raw, a, removal) {
  const flags = (a.secure ? 1 : 0) | (a.partitioned ? 2 : 0) | (a.sameSite << 2) | removal;
  return engine.line(name, raw, a.domain, a.path, a.maxAge, a.expires, flags);
}

function encode(value, raw) {
  if (typeof value !== "string") {
    throw new CookieError("invalid_value", "Pass the value as a string; defineCookie has codecs for other types.");
  }
  if (raw) return value;
  try {
    return encodeURIComponent(value);
  } catch (cause) {
    throw new CookieError(
      "lone_surrogate",
      "Remove the lone surrogate from the value: text with half of a surrogate pair has no encoding.",
      { cause },
    );
  }
}

/** Whether cookies of this path show on this page. */
function visible(path) {
  const page = location.pathname;
  return page === path || page.startsWith(path.endsWith("/") ? path : path + "/");
}

function refused(attributes) {
  if (!navigator.cookieEnabled) {
    return new CookieError("cookies_disabled", "Ask for cookies to be allowed: the browser blocks them on this page.");
  }
  if (attributes.domain !== undefined) {
    return new CookieError("domain_refused", "Use a domain that is this host or above it, and not a public suffix.");
  }
  return new CookieError(
    "protected_cookie",
    "Choose another name: a cookie of this name is there that a script may not replace (HttpOnly or Secure).",
  );
}
