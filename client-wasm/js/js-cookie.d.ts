declare namespace Cookies {
  /** js-cookie's attributes; any other is written as it is. */
  interface CookieAttributes {
    /** Days from now, or a date. Without it the cookie lives as long as the browser's session. */
    expires?: number | Date;
    /** Default: `"/"`. */
    path?: string;
    domain?: string;
    secure?: boolean;
    sameSite?: "strict" | "Strict" | "lax" | "Lax" | "none" | "None";
    partitioned?: boolean;
    [attribute: string]: any;
  }

  /** Makes a value of a cookie's text. */
  type CookieReadConverter<T = string> = (value: string, name: string) => T;
  /** Makes a cookie's text of a value. */
  type CookieWriteConverter = (value: any, name: string) => string;

  /** Turns values into text and back. */
  interface Converter<T = string> {
    read?: CookieReadConverter<T>;
    write?: CookieWriteConverter;
  }

  /** js-cookie's API and behaviour: refused writes are silent, and without a document every call does nothing. */
  interface CookiesStatic<T = string> {
    /** Writes a cookie, and returns the line that was written. */
    set(name: string, value: any, attributes?: CookieAttributes): string | undefined;
    /** The value of a cookie. */
    get(name: string | null | undefined): T | undefined;
    /** The values of all cookies. */
    get(): { [name: string]: T };
    /** Removes a cookie of the same path and domain. */
    remove(name: string, attributes?: CookieAttributes): void;
    /** An API with other defaults. */
    withAttributes(attributes: CookieAttributes): CookiesStatic<T>;
    /** An API with another way to read or write values. */
    withConverter<U = T>(converter: Converter<U>): CookiesStatic<U>;
    /** The defaults. */
    readonly attributes: Readonly<CookieAttributes>;
    /** The converter. */
    readonly converter: Required<Readonly<Converter<T>>>;
    /** In the build for classic scripts: gives the global `Cookies` back to who had it before, and returns this API. */
    noConflict?(): CookiesStatic<T>;
  }
}

declare const Cookies: Cookies.CookiesStatic;
export default Cookies;
