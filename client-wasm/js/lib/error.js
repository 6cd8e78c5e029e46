/** Everything that goes wrong with cookies. `code` is a stable word for programs, `message` says what to change. */
export class CookieError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "CookieError";
    this.code = code;
  }
}
