// Where a jar's cookies come from. This is the only file that touches `document.cookie`.

import { CookieError } from "./error.js";
import { denied } from "./page.js";
import { Snapshot } from "./snapshot.js";

/** The page's cookies. Without a document (Node, a worker) it reads as empty and refuses writes. */
export function createDocumentSource(engine) {
  let current = new Snapshot(engine, "");
  let onWrite;
  return {
    /** The cookies as they are now. The same object as last time where nothing has changed. */
    read() {
      let header;
      try {
        header = document.cookie;
      } catch (cause) {
        if (typeof document !== "undefined") throw denied(cause);
        header = "";
      }
      if (header !== current.header) current = new Snapshot(engine, header);
      return current;
    },
    /** The cookies as they were when somebody last looked: costs nothing, may be old. */
    last() {
      return current;
    },
    write(line) {
      try {
        document.cookie = line;
      } catch (cause) {
        throw typeof document === "undefined" ? noDocument() : denied(cause);
      }
      onWrite?.();
    },
    /** Has a function called after each write, or none. */
    setOnWrite(listener) {
      onWrite = listener;
    },
  };
}

/** The cookies of a `Cookie` request header, read-only. */
export function createHeaderSource(engine, header) {
  if (typeof header !== "string" && header != null) {
    throw new CookieError("invalid_header", "Pass the Cookie header as a string, or undefined where there is none.");
  }
  const snapshot = new Snapshot(engine, header ?? "");
  return {
    read: () => snapshot,
    last: () => snapshot,
    write() {
      throw new CookieError("read_only", "Send a Set-Cookie header: a request's cookies can only be read.");
    },
    setOnWrite() {},
  };
}

function noDocument() {
  return new CookieError(
    "no_document",
    "Write cookies in a page: here is no document. On a server, send a Set-Cookie header.",
  );
}
