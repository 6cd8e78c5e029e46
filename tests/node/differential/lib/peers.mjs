// The npm packages, each answering in the shape of our conformance program.
import { createRequire } from "node:module";

import * as cookie2 from "cookie";
import { parseSetCookie as parseWithSetCookieParser } from "set-cookie-parser";
import { Cookie, CookieJar, defaultPath, domainMatch, parseDate, pathMatch } from "tough-cookie";

const require = createRequire(import.meta.url);
const cookie07 = require("cookie-0.7.2");
const cookieSignature = require("cookie-signature");

const raw = { decode: (value) => value, encode: (value) => value };

/** Ours, as the packages see a header: named cookies alone, the first of a name. */
export function firstOfEachName(pairs) {
  return named([...new Map(pairs.toReversed())]);
}

/** The same, without outer quotes. */
export function firstOfEachNameUnquoted(pairs) {
  return firstOfEachName(
    pairs.map(([name, value]) => [name, /^".*"$/s.test(value) ? value.slice(1, -1) : value]),
  );
}

/** As a list: a name such as `__proto__` is no key to rely on. */
function named(entries) {
  return entries.filter(([name]) => name !== "").sort(([a], [b]) => (a < b ? -1 : 1));
}

export const parseHeader07 = (header) => named(Object.entries(cookie07.parse(header, raw)));
export const parseHeader2 = (header) => named(Object.entries(cookie2.parseCookie(header, raw)));

function options(input) {
  const {
    path,
    domain,
    secure,
    partitioned,
    priority,
    http_only: httpOnly,
    same_site: sameSite,
    max_age: maxAge,
  } = input;
  const expires = input.expires === undefined ? undefined : new Date(input.expires * 1000);
  return { path, domain, secure, partitioned, priority, httpOnly, sameSite, maxAge, expires };
}

export const serialize07 = (input) =>
  orNull(() => cookie07.serialize(input.name, input.value, { ...options(input), ...raw }));
export const serialize2 = (input) =>
  orNull(() => cookie2.stringifySetCookie({ name: input.name, value: input.value, ...options(input) }, raw));

function orNull(make) {
  try {
    return make();
  } catch {
    return null;
  }
}

/** The shape of `set-cookie-parse`. */
function received({ name, value, domain, path, secure, httpOnly, sameSite, maxAge, expires }) {
  const keyword = ["Strict", "Lax", "None"].find((word) => word.toLowerCase() === sameSite?.toLowerCase());
  return {
    name,
    value,
    domain: domain ?? null,
    path: path ?? null,
    secure: secure === true,
    http_only: httpOnly === true,
    same_site: keyword ?? "Default",
    // JSON has no -0.
    max_age: typeof maxAge === "number" ? maxAge + 0 : null,
    expires: expires ? Math.floor(expires.getTime() / 1000) : null,
  };
}

export const parseSetCookie2 = (line) => received(cookie2.parseSetCookie(line, raw));

export function parseSetCookieParser(line) {
  const parsed = parseWithSetCookieParser(line, { decodeValues: false, silent: true, split: false })[0];
  return parsed ? received(parsed) : null;
}

export function parseTough(line) {
  const parsed = Cookie.parse(line, { loose: true });
  if (!parsed) return null;
  const { key: name, expires, ...rest } = parsed;
  return received({ ...rest, name, expires: expires === "Infinity" ? undefined : expires });
}

export const dateTough = (date) => {
  const parsed = parseDate(date);
  return parsed ? parsed.getTime() / 1000 : null;
};

export const domainMatchTough = ({ host, domain }) => domainMatch(host, domain, false) ?? null;
export const pathMatchTough = ({ request, cookie }) => pathMatch(request, cookie);
export const defaultPathTough = (path) => defaultPath(path);

export const sign = ({ value, secret }) => cookieSignature.sign(value, secret);
export const unsign = ({ signed, secrets }) => {
  const values = secrets.map((secret) => cookieSignature.unsign(signed, secret));
  return values.find((value) => value !== false) ?? null;
};

export function jarTough({ now, received, set_url: from, get_url: to }) {
  const jar = new CookieJar(undefined, {
    looseMode: true,
    rejectPublicSuffixes: true,
    allowSpecialUseDomain: true,
    enforceSecureOriginOnStorage: true,
    prefixSecurity: "silent",
  });
  for (const line of received) {
    jar.setCookieSync(line, from, { ignoreError: true, now: new Date(now * 1000) });
  }
  return jar.getCookiesSync(to, { sort: true }).map(({ key, value }) => ({ name: key, value }));
}
