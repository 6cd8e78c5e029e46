// What of the page's address decides about cookies.

import { CookieError } from "./error.js";

let address;

/** The page's host, its path and whether it came over https. None changes while the page lives. */
export function pageAddress() {
  return (address ??= read());
}

function read() {
  // No page at all, on a server for one: the rules are those of an https page.
  if (typeof location === "undefined") return { https: true, path: "/" };
  try {
    const { protocol, hostname, pathname } = new URL(pageUrl());
    return { https: protocol === "https:", host: hostname, path: pathname };
  } catch (cause) {
    throw denied(cause);
  }
}

function pageUrl() {
  // about:srcdoc and about:blank have the origin, and so the cookies, of the page that made them. An opaque origin is
  // "null", which is no address.
  if (self.origin === "null" || !location.protocol.startsWith("http")) return self.origin;
  // Browsers go by the address that the page was loaded from: history.pushState brings no cookies into sight.
  return performance.getEntriesByType?.("navigation")[0]?.name || location.href;
}

/** The error of a page that has no cookies at all. */
export function denied(cause) {
  return new CookieError("access_denied", "Serve the page over http(s), outside sandboxed frames.", { cause });
}
