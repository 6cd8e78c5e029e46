// Writes: judged by the rule book before, and read back after where a page cannot be sure.
//
// The first read of `document.cookie` after a write costs a browser 50 times the write. So a page looks before and after
// its first write of a cookie (a name with its domain, path and flags): that tells whether anything it cannot see is in
// the way, an HttpOnly cookie for one. Only a change proves the write, since what showed before may be another path's.
// Later writes of the same cookie are read back only where the caller asks with `verify`. A removal is read back unless
// the page has lately seen that no cookie of the name is there but what it wrote itself.

import { SAME_SITE, withOptions } from "./attributes.js";
import { CookieError, misuse, reason } from "./error.js";
import { pageAddress } from "./page.js";
import { CROSS_SITE, DOMAIN_PUBLIC_SUFFIX, HTTP_ONLY_OVERWRITE } from "./reasons.js";

/** Where more cookies show, a page writes none to try: browsers keep 180 of a site, and count what does not show. */
const MANY = 149;

/** How long, in milliseconds, a page goes by what it saw when it says that a removed cookie is gone. */
const FRESH = 10_000;

/**
 * Plans writes, and tells what became of them; the jar itself writes each plan's `line`.
 *
 * @param source `read()` gives the cookies as they are, `last()` as they were when somebody last looked; `write(line)`
 * writes one
 */
export function createWriter(engine, source) {
  /** What is known of cookies by their domain, path and flags. A call's options come anew, but are of a known kind. */
  const kinds = {};
  /** The scope of the writes since the last look: undefined if there were none, false if they had several. */
  let unseen;
  let lookedAt = -Infinity;

  function look() {
    unseen = undefined;
    lookedAt = performance.now();
    return source.read();
  }

  function written({ scope }) {
    unseen = (unseen ?? scope) === scope && scope;
  }

  /** A judged write, of which its kind says whether this page will see it. Throws where it is refused. */
  function judgeRaw(name, raw, attributes) {
    const { kind, suffix } = (attributes.form ??= formOf(attributes, kinds));
    // All that the rules ask of an encoded value beside a name is that it be short: they allow whatever is shorter.
    // And whether the page sees a cookie is decided by its path alone.
    if (attributes.raw || !name || !(raw.length <= kind.longest.get(name))) {
      kind.visible = engine.judge(name + "\n" + raw + kind.question, kind.flags);
      kind.longest.set(name, raw.length);
    }
    return { name, raw, attributes, kind, line: name + "=" + raw + suffix };
  }

  const judge = (name, value, attributes) => judgeRaw(name, encode(value, attributes.raw), attributes);

  /** Why a browser dropped a write that its rules allow, as far as a page can find out. */
  function refusal(attributes) {
    if (!navigator.cookieEnabled) {
      return new CookieError("cookies_disabled", "Ask for cookies: the browser blocks them.");
    }
    const unknown = new CookieError("dropped", "Try another name or https: the browser hides why.");
    // One cookie more than a browser keeps of a site makes it drop thirty.
    if (look().header.split(";")[MANY]) return unknown;
    // It is the name, then. On plain http a page sees neither HttpOnly cookies nor Secure ones, and may cover none.
    if (takes(attributes)) return isSecureContext ? reason(HTTP_ONLY_OVERWRITE) : unknown;
    if (takes({ ...attributes, domain: undefined })) return reason(DOMAIN_PUBLIC_SUFFIX);
    try {
      return (attributes.sameSite === 3 || top.document) && unknown;
    } catch {
      // The page above is of another origin.
      return reason(CROSS_SITE);
    }
  }

  /** Whether the browser takes such a cookie under a name that nobody has. It is removed at once. */
  function takes(attributes) {
    const name = "probe" + Math.random();
    const line = name + "=" + formOf(attributes, kinds).suffix;
    source.write(line);
    const isTaken = look().has(name);
    source.write(line + "; Max-Age=0");
    return isTaken;
  }

  return {
    judge,

    /** A judged write, with the cookies before it where it is to be read back. */
    plan(name, value, attributes) {
      const write = judge(name, value, attributes);
      if (write.kind.visible && (attributes.verify || !write.kind.proven.has(name))) write.before = look();
      return write;
    },

    planRemoval(name, attributes) {
      const removal = (attributes.removal ??= withOptions(attributes, { maxAge: 0 }));
      // What is Secure alone has such a name; on localhost browsers take Secure without https.
      const isSecure = removal.secure === undefined && /^__(host|secure)-/i.test(name);
      // Without a name there has to be a value.
      return judgeRaw(name, name ? "" : "0", isSecure ? withOptions(removal, { secure: true }) : removal);
    },

    /** What became of a planned write that was just made. Throws where the browser is seen to have refused it. */
    outcome(write) {
      const { name, raw, attributes, kind, before } = write;
      written(kind);
      if (!before) return kind.visible ? "sent" : "unverifiable";
      const now = look();
      const { maxAge, expires } = attributes;
      // Max-Age goes before Expires, which is written in whole seconds.
      if ((maxAge ?? expires - (expires % 1000) - Date.now()) <= 0) return now.has(name) ? "unverifiable" : "stored";
      const shown = now.count(name, raw);
      if (!shown) throw refusal(attributes);
      if (shown <= before.count(name, raw)) return "unverifiable";
      kind.proven.add(name);
      return "stored";
    },

    /** Whether this page sees no cookie of the name after a removal that was just made, of one that it would see. */
    isGone(write) {
      const { name, attributes, kind } = write;
      written(kind);
      // None of the name can be left where none was seen lately and this page has written nothing but what it removed.
      const isKnown = unseen && !attributes.verify && !source.last().has(name) && performance.now() - lookedAt < FRESH;
      return kind.visible && (isKnown || !look().has(name));
    },
  };
}

/** What the attributes alone decide: the end of the line that `document.cookie` is given, and the cookie's kind. */
function formOf(attributes, kinds) {
  const { https, host, path: page } = pageAddress();
  // On an https page a cookie is Secure unless the caller says otherwise.
  const { domain, path, maxAge, expires, secure = https, partitioned, sameSite } = attributes;
  let suffix = `; Path=${path}; SameSite=${SAME_SITE[sameSite]}`;
  if (domain !== undefined) suffix += "; Domain=" + domain;
  if (maxAge !== undefined) suffix += "; Max-Age=" + maxAge;
  if (expires !== undefined) suffix += "; Expires=" + new Date(expires).toUTCString();
  if (secure) suffix += "; Secure";
  if (partitioned) suffix += "; Partitioned";
  const question = `\n${domain ?? ""}\n${path}\n${host ?? domain ?? "localhost"}\n${page}`;
  const flags = secure | (partitioned << 1) | (sameSite << 2) | (https << 4) | ((maxAge <= 0) << 5);
  return {
    suffix,
    kind: (kinds[flags + question] ??= {
      /** What the rule book is asked, after name and value. */
      question,
      /** The bits that `client-wasm/src/package.rs` reads. */
      flags,
      /** With the name, what makes it one cookie. */
      scope: question + partitioned,
      /** Each name's longest value that the rules have allowed, by its length. */
      longest: new Map(),
      /** The names of which this page has written a cookie with success: it may write them. */
      proven: new Set(),
    }),
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
    throw new CookieError("lone_surrogate", "Remove the lone surrogate.");
  }
}
