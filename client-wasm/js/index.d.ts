import type { Codec, CookieDefinition, CookieJar, DefinedCookie, ReadonlyCookieJar } from "./cookies.js";
import type { SessionClient } from "./session-client.js";

export { CookieError } from "./cookies.js";
export type {
  CheckResult,
  Codec,
  CookieChange,
  CookieDefinition,
  CookieErrorCode,
  CookieJar,
  CookieOptions,
  DefinedCookie,
  ReadonlyCookieJar,
  RemoveOptions,
  WriteOutcome,
} from "./cookies.js";
export { SessionError } from "./session-client.js";
export type {
  RequestOptions,
  SessionClient,
  SessionErrorOptions,
  SessionEvent,
  SessionState,
  SessionView,
  SessionWriteOptions,
} from "./session-client.js";

/** The page's cookies. */
export const cookies: CookieJar;

/** Describes a cookie of text. */
export function defineCookie<T extends string = string>(
  definition: CookieDefinition<T, "string">,
): DefinedCookie<T>;
/** Describes a cookie of a number. */
export function defineCookie(definition: CookieDefinition<number, "number"> & { codec: "number" }): DefinedCookie<number>;
/** Describes a cookie that is true or false. */
export function defineCookie(definition: CookieDefinition<boolean, "boolean"> & { codec: "boolean" }): DefinedCookie<boolean>;
/** Describes a cookie of a JSON value. */
export function defineCookie<T>(definition: CookieDefinition<T, "json"> & { codec: "json" }): DefinedCookie<T>;
/** Describes a cookie with a codec of your own. */
export function defineCookie<T>(definition: CookieDefinition<T, never> & { codec: Codec<T> }): DefinedCookie<T>;

/**
 * Reads the cookies of a request on a server: `createCookies(request.headers.get("cookie"))`. To write, send a
 * Set-Cookie header.
 */
export function createCookies(header: string | null | undefined): ReadonlyCookieJar;

/** The session behind the HttpOnly cookie, at `/api/session`. Its code is loaded at the first use. */
export const session: SessionClient;
