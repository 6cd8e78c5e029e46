/** What a write says about its cookie. Each is checked; an option that is not listed here is an error. */
export interface CookieOptions {
  /** The pages that see the cookie: those at this path and below. Absolute. Default: `"/"`. */
  path?: string;
  /** The hosts that see the cookie: this one and all below it. Default: this page's host alone. */
  domain?: string;
  /** The lifetime in whole seconds, as in Set-Cookie; 0 removes. Browsers keep none longer than 400 days. */
  maxAge?: number;
  /**
   * The end of the lifetime: a Date, or milliseconds since the Unix epoch, of which browsers keep whole seconds. `maxAge`
   * goes before it.
   */
  expires?: Date | number;
  /** Whether only encrypted connections carry the cookie. Default: true on https pages, false elsewhere. */
  secure?: boolean;
  /** Which requests from other sites carry the cookie. `"none"` needs `secure`. Default: `"lax"`. */
  sameSite?: "strict" | "lax" | "none";
  /** Whether an embedded page has a jar of its own under each top-level site. Needs `secure`. Default: false. */
  partitioned?: boolean;
  /**
   * Writes the value as it is instead of percent-encoding it. It may then have no character that a cookie cannot hold.
   * Default: false.
   */
  raw?: boolean;
  /**
   * Reads every write back. By default a page reads back its first write of a cookie only: the first read after a
   * write costs a browser far more than the write. Default: false.
   */
  verify?: boolean;
}

/** Which cookie a removal means: the same path, domain and flags that it was written with. */
export type RemoveOptions = Omit<CookieOptions, "maxAge" | "expires" | "raw">;

/**
 * What became of a write.
 *
 * - `"stored"`: it was read back; of a lifetime that is over, no cookie of the name shows.
 * - `"sent"`: the rules allow it, and this page has read an earlier write of this cookie back. Pass `verify` to know.
 * - `"unverifiable"`: the rules allow it, but this page cannot see whether it was stored: its path hides it, or the same
 *   name and value showed before.
 *
 * A write that is refused throws a {@link CookieError}.
 */
export type WriteOutcome = "stored" | "sent" | "unverifiable";

/** What the rules say of a write that is not made. */
export type CheckResult =
  | {
      ok: true;
      /** What a browser would store otherwise than asked for: `path_elsewhere`, `lifetime_clamped`. */
      notes: { code: string; message: string }[];
    }
  | {
      ok: false;
      /** A stable word. */
      code: CookieErrorCode;
      /** One sentence that says what to change. */
      message: string;
    };

/** A cookie that appeared, changed or went. */
export interface CookieChange {
  /** The cookie's name. */
  name: string;
  /** Its value now; undefined if it is gone. */
  value: string | undefined;
  /** Its value before; undefined if it is new. */
  previous: string | undefined;
}

/**
 * Cookies that can be read. Values are percent-decoded where that is possible, and otherwise as they stand; where
 * several cookies have one name, the browser's first counts.
 */
export interface ReadonlyCookieJar {
  /** The value of a cookie; undefined if there is none. */
  get(name: string): string | undefined;
  /** Every cookie by its name, as a new record without prototype: `__proto__` and `toString` are ordinary names. */
  getAll(): Record<string, string>;
  /** The values of all cookies of this name: there are several where paths or domains differ. */
  getAll(name: string): string[];
  /** Whether there is a cookie of this name. */
  has(name: string): boolean;
}

/**
 * The page's cookies.
 *
 * Without a document (Node, a worker) reads answer as an empty jar and writes throw `no_document`. Where the browser
 * denies cookies (sandboxed frames, `data:` pages) reads and writes throw `access_denied`; Firefox shows a `data:` page an
 * empty jar instead, and so do reads there.
 */
export interface CookieJar extends ReadonlyCookieJar {
  /**
   * Writes a cookie.
   *
   * @throws {CookieError} if the browser would drop it, or was seen to have dropped it.
   */
  set(name: string, value: string, options?: CookieOptions): WriteOutcome;
  /**
   * Removes a cookie. True if this page sees no cookie of this name any more; false means that one is left, at another
   * path or domain, or that the path is one whose cookies this page does not see. HttpOnly cookies no page sees.
   *
   * Where the page saw within the last ten seconds that no cookie of this name is there but what it wrote itself since,
   * it goes by that: it then misses one that a server or another tab has set meanwhile at another path or domain. With
   * `verify` the removal is read back in any case.
   *
   * A name that {@link CookieJar.set} refuses can be removed: somebody else may have set it.
   *
   * @throws {CookieError} if browsers would cut the name, or the rules refuse the options.
   */
  remove(name: string, options?: RemoveOptions): boolean;
  /** Removes every cookie that shows on this page and has these options' path and domain. */
  clear(options?: RemoveOptions): { removed: string[]; remaining: string[] };
  /** Judges a write by the rules that browsers follow, without making it. */
  check(name: string, value: string, options?: CookieOptions): CheckResult;
  /** The same jar with other defaults for what its writes do not say. */
  withDefaults(options: CookieOptions): CookieJar;
  /**
   * Calls `listener` with each change of a cookie that shows on this page, whoever made it: this page, another tab or
   * the server. Changes are reported soon, not at once; several changes of one cookie may be reported as one.
   *
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (change: CookieChange) => void): () => void;
}

/** How a value becomes text. A `decode` that throws marks the text as somebody else's: the value reads as undefined. */
export interface Codec<T> {
  encode(value: T): string;
  decode(text: string): T;
}

/** What describes a cookie: its name, its codec and the options of its writes. */
export interface CookieDefinition<T, C> extends CookieOptions {
  name: string;
  /** `"string"` (default), `"number"`, `"boolean"`, `"json"`, or a codec of your own. */
  codec?: C | Codec<T>;
}

/** A cookie that was described once. */
export interface DefinedCookie<T> {
  readonly name: string;
  /** The value; undefined if there is none, or one that the codec does not understand. */
  get(): T | undefined;
  /** Writes the value. @throws {CookieError} as {@link CookieJar.set} does. */
  set(value: T): WriteOutcome;
  /** Removes the cookie. True if it is gone. */
  remove(): boolean;
  /** Calls `listener` with the value whenever it changes. @returns a function that ends the subscription. */
  subscribe(listener: (value: T | undefined) => void): () => void;
}

/** Everything that goes wrong with cookies. The message says what to change. */
export class CookieError extends Error {
  constructor(code: CookieErrorCode, message: string, options?: ErrorOptions);
  readonly name: "CookieError";
  /** A stable word for programs. Later versions may add words. */
  readonly code: CookieErrorCode;
}

/** The codes of {@link CookieError}. */
export type CookieErrorCode =
  // How it was called.
  | "invalid_name"
  | "invalid_value"
  | "invalid_option"
  | "unknown_option"
  | "invalid_codec"
  | "invalid_listener"
  | "invalid_header"
  | "read_only"
  // The cookie's parts.
  | "name_empty"
  | "name_invalid"
  | "value_invalid"
  | "lone_surrogate"
  | "path_not_absolute"
  | "path_trailing_space"
  | "path_invalid"
  | "attribute_too_long"
  // What browsers refuse.
  | "control_character"
  | "tab"
  | "separator"
  | "empty"
  | "too_large"
  | "domain_not_ascii"
  | "domain_port"
  | "domain_trailing_dot"
  | "domain_child"
  | "domain_foreign"
  | "domain_public_suffix"
  | "secure_over_insecure"
  | "secure_overlay"
  | "http_only_from_script"
  | "http_only_overwrite"
  | "cross_site"
  | "dropped"
  | "same_site_none_without_secure"
  | "partitioned_without_secure"
  | "secure_prefix"
  | "host_prefix"
  | "http_prefix"
  | "host_http_prefix"
  | "nameless_prefix"
  | "nameless_equals"
  // Where it runs.
  | "no_document"
  | "access_denied"
  | "cookies_disabled"
  | "wasm_blocked"
  | "wasm_missing"
  | (string & {});
