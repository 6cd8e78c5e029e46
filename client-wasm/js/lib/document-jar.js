// The page's cookies: what `cookies` is. This is the only file that touches `document.cookie`.
//
// Chromium walks the stack at each access, so every function between the caller and `document.cookie` costs as much as
// ten look-ups: `get`, `set` and their like touch it themselves, although the same lines stand in each.

import { DEFAULTS, withOptions } from "./attributes.js";
import { CookieError, named } from "./error.js";
import { denied } from "./page.js";
import { MAX_LIFETIME, NOTES } from "./reasons.js";
import { Snapshot } from "./snapshot.js";
import { announce, createWatcher } from "./watch.js";
import { createWriter } from "./write.js";

/** Without a document (Node, a worker) the jar reads as empty and refuses writes. */
export function createDocumentJar(engine) {
  let current = new Snapshot(engine, "");

  /** The snapshot of what was read: the last one where nothing has changed. */
  const at = (header) => (header === current.header ? current : (current = new Snapshot(engine, header)));

  function read() {
    let header;
    try {
      header = document.cookie;
    } catch (cause) {
      header = unreadable(cause);
    }
    return at(header);
  }

  const writer = createWriter(engine, { read, last: () => current, write: (line) => (document.cookie = line) });
  const subscribe = createWatcher(read);

  function withDefaults(defaults) {
    return {
      get(name) {
        let header;
        try {
          header = document.cookie;
        } catch (cause) {
          header = unreadable(cause);
        }
        return at(header).get(named(name));
      },

      getAll(name) {
        let header;
        try {
          header = document.cookie;
        } catch (cause) {
          header = unreadable(cause);
        }
        return at(header).getAll(name);
      },

      has(name) {
        let header;
        try {
          header = document.cookie;
        } catch (cause) {
          header = unreadable(cause);
        }
        return at(header).has(named(name));
      },

      set(name, value, options) {
        const write = writer.plan(named(name), value, withOptions(defaults, options));
        try {
          document.cookie = write.line;
        } catch (cause) {
          unwritable(cause);
        }
        announce();
        return writer.outcome(write);
      },

      remove(name, options) {
        const write = writer.planRemoval(named(name), withOptions(defaults, options));
        try {
          document.cookie = write.line;
        } catch (cause) {
          unwritable(cause);
        }
        announce();
        return writer.isGone(write);
      },

      clear(options) {
        const attributes = withOptions(defaults, options);
        const names = [...read().names()];
        for (const name of names) {
          try {
            document.cookie = writer.planRemoval(name, attributes).line;
          } catch (error) {
            // What no script may write stays.
            if (!(error instanceof CookieError)) throw error;
          }
        }
        if (names.length) announce();
        const left = read();
        return { removed: names.filter((name) => !left.has(name)), remaining: [...left.names()] };
      },

      check(name, value, options) {
        try {
          const write = writer.judge(named(name), value, withOptions(defaults, options));
          return { ok: true, notes: notesOf(write) };
        } catch (error) {
          if (!(error instanceof CookieError)) throw error;
          return { ok: false, code: error.code, message: error.message };
        }
      },

      withDefaults: (options) => withDefaults(withOptions(defaults, options)),
      subscribe,
    };
  }

  return withDefaults(DEFAULTS);
}

/** What stands for document.cookie where reading it fails: nothing without a document, else an error. */
function unreadable(cause) {
  if (typeof document !== "undefined") throw denied(cause);
  return "";
}

/** Throws the error of a write that failed. */
function unwritable(cause) {
  unreadable(cause);
  throw new CookieError("no_document", "Send a Set-Cookie header: here is no document.");
}

/** What a browser would store otherwise than asked for. */
function notesOf({ kind, attributes: { maxAge, expires } }) {
  const notes = [];
  const note = (code) => notes.push({ code, message: NOTES[code] });
  if (!kind.visible) note("path_elsewhere");
  const seconds = maxAge ?? (expires - Date.now()) / 1000;
  if (seconds > MAX_LIFETIME) note("lifetime_clamped");
  return notes;
}
