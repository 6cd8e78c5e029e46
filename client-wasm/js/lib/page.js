// What of the page's address decides about cookies.

import { CookieError } from "./error.js";

let address;

/** The page's host and whether it came over https; neither changes while the page lives. */
export function pageAddress() {
  return (address ??= read());
}

/** The path of the page, which `history.pushState` may change. */
export function pagePath() {
  return typeof location === "undefined" || !isWeb(location.protocol) ? "/" : location.pathname;
}

function read() {
  // No page at all, on a server for one: the rules are those of an https page.
  if (typeof location === "undefined") return { https: true, host: undefined };
  if (isWeb(location.protocol)) return { https: location.protocol === "https:", host: location.hostname };
  // about:srcdoc and about:blank have the origin, and so the cookies, of the page that made them.
  try {
    const { protocol, hostname } = new URL(self.origin);
    return { https: protocol === "https:", host: hostname };
  } catch (cause) {
    throw denied(cause);
  }
}

function isWeb(protocol) {
  return protocol === "https:" || protocol === "http:";
}

/** The error of a page that has no cookies at all. */
export function denied(cause) {
  return new CookieError(
    "access_denied",
    "Serve this page from an http(s) address and outside a sandboxed frame: the browser denies it cookies here.",
    { cause },
  );
}
