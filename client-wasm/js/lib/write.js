// Writes: judged by the rule book before, and read back after where a page cannot be sure.
//
// The first read of `document.cookie` after a write costs a browser 50 times the write. So a page reads back its first
// write of a cookie (a name with its domain and path): that shows whether anything it cannot see is in the way, an
// HttpOnly cookie for one. Later writes of the same cookie are read back only where the caller asks with `verify`.

import { CookieError, reason } from "./error.js";
import { pageAddress } from "./page.js";

// The bits that `client-wasm/src/package.rs` reads.
const SECURE = 1;
const PARTITIONED = 2;
const SAME_SITE_SHIFT = 2;
const HTTPS = 16;

const SAME_SITE = [, "Strict", "Lax", "None"];

/** How long, in milliseconds, what was read counts as what is there. */
const FRESH = 50;

/** Writes to a source. */
export function createWriter(engine, source) {
  /** Cookies that this page has written with success: it may write them. */
  const proven = new Set();
  /** The writes since the last look: the cookie by its name, or MANY where one name was written as several cookies. */
  const unseen = new Map();
  let lookedAt = -Infinity;

  function look() {
    const now = source.read();
    unseen.clear();
    lookedAt = performance.now();
    return now;
  }

  /** Writes the cookie, and gives whether this page will see it. */
  function send(name, raw, attributes, cookie) {
    const visible = judge(engine, name, raw, attributes);
    source.write(lineOf(name, raw, attributes));
    const before = unseen.get(name);
    unseen.set(name, before === undefined || before === cookie ? cookie : MANY);
    return visible;
  }

  /** Whether no cookie of this name can be there, by what was read and written a moment ago. */
  function knownGone(name, cookie) {
    return !source.last().has(name) && unseen.get(name) === cookie && performance.now() - lookedAt < FRESH;
  }

  return {
    /** Whether this page would see the cookie; throws where the rules refuse it. */
    check: (name, value, attributes) => judge(engine, name, encode(value, attributes.raw), attributes),

    set(name, value, attributes) {
      const raw = encode(value, attributes.raw);
      const cookie = keyOf(name, attributes);
      if (!send(name, raw, attributes, cookie)) return "unverifiable";
      if (proven.has(cookie) && !attributes.verify) return "sent";
      if (look().hasRaw(name, raw) === isOver(attributes)) throw refusal(attributes);
      proven.add(cookie);
      return "stored";
    },

    remove(name, attributes) {
      const cookie = keyOf(name, attributes);
      send(name, "", over(attributes), cookie);
      return (!attributes.verify && knownGone(name, cookie)) || !look().has(name);
    },

    clear(attributes) {
      const names = [...source.read().names()];
      for (const name of names) {
        try {
          send(name, "", over(attributes), keyOf(name, attributes));
        } catch (error) {
          // A name that no script may write stays: it is reported as remaining.
          if (!(error instanceof CookieError)) throw error;
        }
      }
      const left = look();
      return { removed: names.filter((name) => !left.has(name)), remaining: [...left.names()] };
    },
  };
}

const MANY = Symbol();

const LONE_SURROGATE = /\p{Surrogate}/u;

// What makes it one cookie. A name has no semicolon, so no two keys are the same.
function keyOf(name, { domain, path }) {
  return domain === undefined && path === "/" ? name : `${name};${domain};${path}`;
}

/** Whether this page will see the cookie; throws where the rules refuse it. */
function judge(engine, name, raw, attributes) {
  const { https, host, path: page } = pageAddress();
  const { domain = "", path, partitioned, sameSite } = attributes;
  const flags =
    (isSecure(attributes) ? SECURE : 0) |
    (partitioned ? PARTITIONED : 0) |
    (sameSite << SAME_SITE_SHIFT) |
    (https ? HTTPS : 0);
  return engine.judge(`${name}\n${raw}\n${domain}\n${path}\n${host ?? (domain || "localhost")}\n${page}`, flags);
}

// On an https page a cookie is Secure unless the caller says otherwise.
function isSecure({ secure }) {
  return secure ?? pageAddress().https;
}

/** What `document.cookie` is given. */
function lineOf(name, raw, attributes) {
  const { domain, path, maxAge, expires, partitioned, sameSite } = attributes;
  let line = `${name}=${raw}; Path=${path}; SameSite=${SAME_SITE[sameSite]}`;
  if (domain !== undefined) line += "; Domain=" + domain;
  if (maxAge !== undefined) line += "; Max-Age=" + maxAge;
  if (expires !== undefined) line += "; Expires=" + new Date(expires).toUTCString();
  if (isSecure(attributes)) line += "; Secure";
  if (partitioned) line += "; Partitioned";
  return line;
}

/** The value as it is written. */
function encode(value, raw) {
  if (typeof value !== "string") {
    throw new CookieError("invalid_value", "Pass the value as a string; defineCookie has codecs for other types.");
  }
  // One of them in one value makes Chromium's document.cookie empty for all.
  if (LONE_SURROGATE.test(value)) {
    throw new CookieError(
      "lone_surrogate",
      "Remove the lone surrogate from the value: half of a surrogate pair has no encoding.",
    );
  }
  return raw ? value : encodeURIComponent(value);
}

// Max-Age goes before Expires.
function isOver({ maxAge, expires }) {
  return maxAge <= 0 || (maxAge === undefined && expires <= Date.now());
}

/** The same cookie with a lifetime that is over. */
function over(attributes) {
  return { ...attributes, maxAge: 0, expires: undefined };
}

/** Why a browser dropped a write that its rules allow: what a page can still tell. */
function refusal({ domain, sameSite }) {
  if (!navigator.cookieEnabled) {
    return new CookieError("cookies_disabled", "Ask for cookies to be allowed: the browser blocks them on this page.");
  }
  if (domain !== undefined) return reason("domain_public_suffix");
  if (isForeignFrame() && sameSite !== 3) return reason("cross_site");
  return reason(isSecureContext ? "http_only_overwrite" : "secure_overlay");
}

function isForeignFrame() {
  try {
    return top.location.origin !== self.origin;
  } catch {
    return true;
  }
}
