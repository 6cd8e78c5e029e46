/**
 * A session request that was refused or got no answer. `code` is the problem's stable word, `status` the HTTP status
 * (undefined where no answer came), `detail` the server's sentence.
 */
export class SessionError extends Error {
  constructor(code, message, options = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.detail = options.detail;
  }

  get name() {
    return "SessionError";
  }
}
