// Writes: judged by the rule book before, and read back after where a page cannot be sure.
//
// The first read of `document.cookie` after a write costs a browser 50 times the write. So a page reads back its first
// write of a cookie (a name with its domain, path and flags): that shows whether anything it cannot see is in the way, an
// HttpOnly cookie for one. Later writes of the same cookie are read back only where the caller asks with `verify`. A
// removal is read back unless the page has lately seen that no cookie of the name is there but what it wrote itself.

import { SAME_SITE, withOptions } from "./attributes.js";
import { CookieError, misuse, reason } from "./error.js";
import { pageAddress } from "./page.js";
import { CROSS_SITE, DOMAIN_PUBLIC_SUFFIX, HTTP_ONLY_OVERWRITE, SECURE_OVERLAY } from "./reasons.js";

/** How long, in milliseconds, a page goes by what it saw when it says that a removed cookie is gone. */
const FRESH = 10_000;

/**
 * Plans writes, and tells what became of them; the jar itself writes each plan's `line`.
 *
 * @param source `read()` gives the cookies as they are, `last()` as they were when somebody last looked
 */
export function createWriter(engine, source) {
  /** Cookies, with their flags, that this page has written with success: it may write them. */
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

  function written({ name, cookie }) {
    const before = unseen.get(name);
    if (before !== cookie) unseen.set(name, before === undefined ? cookie : MANY);
  }

  /** Whether no cookie of this name can be left: none was seen lately, and this page wrote only the one it removed. */
  function knownGone({ name, cookie }) {
    return !source.last().has(name) && unseen.get(name) === cookie && performance.now() - lookedAt < FRESH;
  }

  /** A judged write: its line, and whether this page will see the cookie. Throws where the rules refuse it. */
  function plan(name, raw, attributes) {
    const form = (attributes.form ??= formOf(attributes));
    // All that the rules ask of an encoded value is that it be short: where they allow one, they allow shorter ones.
    // And whether the page sees a cookie is decided by its path alone.
    if (attributes.raw || !(raw.length <= form.longest.get(name))) {
      form.visible = engine.judge(name + "\n" + raw + form.question, form.flags);
      form.longest.set(name, raw.length);
    }
    const cookie = name + form.scope;
    return { name, raw, attributes, visible: form.visible, cookie, proof: cookie + form.flags, line: name + "=" + raw + form.suffix };
  }

  return {
    plan: (name, value, attributes) => plan(name, encode(value, attributes.raw), attributes),
    planRemoval: (name, attributes) => plan(name, "", (attributes.removal ??= withOptions(attributes, { maxAge: 0 }))),

    /** What became of a write that was just made. Throws where the browser is seen to have refused it. */
    outcome(write) {
      const { name, raw, attributes, visible, proof } = write;
      written(write);
      if (!visible) return "unverifiable";
      if (proven.has(proof) && !attributes.verify) return "sent";
      if (look().hasRaw(name, raw) === isOver(attributes)) throw refusal(attributes);
      proven.add(proof);
      return "stored";
    },

    /** Whether this page sees no cookie of the name after a removal that was just made, of one that it would see. */
    isGone(write) {
      written(write);
      return write.visible && ((!write.attributes.verify && knownGone(write)) || !look().has(write.name));
    },
  };
}

/** No cookie, which is a text. */
const MANY = 0;

/** What of a write its attributes alone decide, and so need not be made for every write. */
function formOf(attributes) {
  const { https, host, path: page } = pageAddress();
  // On an https page a cookie is Secure unless the caller says otherwise.
  const { domain, path, maxAge, expires, secure = https, partitioned, sameSite } = attributes;
  let suffix = `; Path=${path}; SameSite=${SAME_SITE[sameSite]}`;
  if (domain !== undefined) suffix += "; Domain=" + domain;
  if (maxAge !== undefined) suffix += "; Max-Age=" + maxAge;
  if (expires !== undefined) suffix += "; Expires=" + new Date(expires).toUTCString();
  if (secure) suffix += "; Secure";
  if (partitioned) suffix += "; Partitioned";
  return {
    /** The end of the line that `document.cookie` is given. */
    suffix,
    /** What the rule book is asked, after name and value. */
    question: `\n${domain ?? ""}\n${path}\n${host ?? domain ?? "localhost"}\n${page}`,
    /** The bits that `client-wasm/src/package.rs` reads. */
    flags: secure | (partitioned << 1) | (sameSite << 2) | (https << 4),
    /** With the name, what makes it one cookie. A name has no semicolon, so no two are the same. */
    scope: `;${domain};${path};`,
    /** Each name's longest value that the rules have allowed, by its length. */
    longest: new Map(),
  };
}

/** The value as it is written. */
function encode(value, raw) {
  if (typeof value !== "string") misuse("value", "a string");
  try {
    const encoded = encodeURIComponent(value);
    return raw ? value : encoded;
  } catch {
    // One of them in one value makes Chromium's document.cookie empty for all; encodeURIComponent throws for it.
    throw new CookieError("lone_surrogate", "Remove the lone surrogate from the value.");
  }
}

// Max-Age goes before Expires.
function isOver({ maxAge, expires }) {
  return maxAge <= 0 || (maxAge === undefined && expires <= Date.now());
}

/** Why a browser dropped a write that its rules allow: what a page can still tell. */
function refusal({ domain, sameSite }) {
  if (!navigator.cookieEnabled) {
    return new CookieError("cookies_disabled", "Ask for cookies: the browser blocks them.");
  }
  if (domain !== undefined) return reason(DOMAIN_PUBLIC_SUFFIX);
  if (isForeignFrame() && sameSite !== 3) return reason(CROSS_SITE);
  return reason(isSecureContext ? HTTP_ONLY_OVERWRITE : SECURE_OVERLAY);
}

function isForeignFrame() {
  try {
    return !top.document;
  } catch {
    return true;
  }
}
