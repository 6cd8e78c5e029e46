/**
 * A session request that was refused or got no answer. `code` is the problem's stable word, `status` the HTTP status
 * (undefined where no answer came), `detail` the server's sentence.
 */
export class SessionError extends Error {
  constructor(code, message, { status, detail, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
  }

  get name() {
    return "SessionError";
  }
}
