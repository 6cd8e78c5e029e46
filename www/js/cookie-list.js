// Section 1: document.cookie as it is, and the cookies in it as rows.
import { CookieError, cookies } from "../pkg/index.js";
import { COMPANION } from "./companion.js";
import { copyOf, part, say, setText, syncRows } from "./dom.js";

const TEXT = {
  several: count => `${count} cookies of this name; the first one counts`,
  companion: "set by the server beside the sealed id: deadlines and a CSRF token, no key to anything",
  nameless: "a cookie without a name, written by something else",
  change: name => `Change ${name}`,
  remove: name => `Delete ${name}`,
  removed: name => `“${name}” is gone.`,
  stays: name => `“${name}” could not be deleted: it was set with other attributes.`,
  sealed: "The sealed session id is in this jar now. It is not in that line: it is HttpOnly, so the browser sends it and shows it to no script.",
  unsealed: "No session yet, so no sealed id. When there is one, it will not appear in that line.",
};

/** `onEdit(name, value)` is asked for a change; `onNames(names)` hears of every change of the jar. */
export function startCookieList({ onEdit, onNames }) {
  const list = part("cookie-list");
  list.tabIndex = -1;
  let shown = null;

  function render() {
    const literal = document.cookie;
    if (literal === shown) return;
    shown = literal;
    part("document-cookie").replaceChildren('"', ...markNames(literal), '"');
    const all = cookies.getAll();
    const names = Object.keys(all);
    syncRows(list, names, "name", make, (row, name) => update(row, name, all[name]));
    part("cookie-empty").hidden = names.length > 0;
    onNames(names);
  }

  function make(name) {
    const row = copyOf("cookie-row", { name });
    const edit = part("cookie-edit", row);
    edit.ariaLabel = TEXT.change(name);
    edit.addEventListener("click", () => onEdit(name, cookies.get(name) ?? ""));
    const erase = part("cookie-remove", row);
    erase.ariaLabel = TEXT.remove(name);
    erase.addEventListener("click", () => {
      const gone = remove(name);
      render();
      say(gone ? TEXT.removed(name) : TEXT.stays(name));
    });
    return row;
  }

  function update(row, name, value) {
    setText(row.querySelector('[data-slot="value"]'), value);
    setText(row.querySelector('[data-slot="note"]'), describe(name));
  }

  return {
    render,
    showSealed(active) {
      const note = part("hidden-note");
      note.dataset.sealed = String(active);
      setText(note, active ? TEXT.sealed : TEXT.unsealed);
    },
  };
}

/** A script is not told a cookie's attributes, and these ones decide which cookie of a name is meant. */
const REMOVALS = [{}, { secure: true }, { secure: true, partitioned: true }];

function remove(name) {
  return REMOVALS.some(options => {
    try {
      return cookies.remove(name, options);
    } catch (error) {
      if (error instanceof CookieError) return false;
      throw error;
    }
  });
}

function describe(name) {
  const count = cookies.getAll(name).length;
  if (count > 1) return TEXT.several(count);
  return name === COMPANION ? TEXT.companion : name === "" ? TEXT.nameless : "";
}

function markNames(literal) {
  if (literal === "") return [];
  return literal.split("; ").flatMap((pair, place) => {
    const end = pair.indexOf("=");
    const name = document.createElement("b");
    name.textContent = end < 0 ? "" : pair.slice(0, end);
    return [place > 0 ? "; " : "", name, end < 0 ? pair : pair.slice(end)];
  });
}
