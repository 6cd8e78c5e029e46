// Section 1: document.cookie as it is, and what the browser's jar holds, row by row.
import { CookieError, cookies } from "../pkg/index.js";
import { attributesOf } from "./attributes.js";
import { COMPANION, IS_EXPRESS, SEALED } from "./companion.js";
import { describeLeft } from "./countdown.js";
import { copyOf, part, say, setText, syncRows } from "./dom.js";
import { t } from "./text.js";

/** By name. A cookie may be called `toString`, so this is no object. */
const NOTES = new Map([[COMPANION, "cookie.companion"], ["language", "cookie.language"], ["theme", "cookie.theme"], ["", "cookie.nameless"]]);

/** `onEdit(name, value)` is asked for a change; `onNames(names)` hears of every change of the jar. */
export function startCookieList({ onEdit, onNames }) {
  const list = part("cookie-list");
  const sealedList = part("sealed-list");
  list.tabIndex = -1;
  let shown = null;

  function render() {
    const literal = document.cookie;
    if (literal === shown) return;
    shown = literal;
    part("document-cookie").replaceChildren('"', ...markNames(literal), '"');
    const all = cookies.getAll();
    const names = Object.keys(all);
    syncRows(list, names, "name", make, (row, name) => setText(row.querySelector('[data-slot="value"]'), all[name]));
    part("cookie-empty").hidden = names.length > 0;
    describeAll();
    onNames(names);
  }

  function make(name) {
    const row = copyOf("cookie-row", { name });
    const edit = part("cookie-edit", row);
    edit.ariaLabel = t("cookie.change", { name });
    edit.addEventListener("click", () => onEdit(name, cookies.get(name) ?? ""));
    const erase = part("cookie-remove", row);
    erase.ariaLabel = t("cookie.remove", { name });
    erase.addEventListener("click", () => {
      const gone = remove(name);
      render();
      say(t(gone ? "cookie.removed" : "cookie.stays", { name }));
    });
    return row;
  }

  function describeAll() {
    for (const row of list.children) setText(row.querySelector('[data-slot="note"]'), describe(row.dataset.name));
  }

  return {
    render,
    /** Once a second: deadlines come nearer. `left` is the session's time in milliseconds, null without a session. */
    tick(left) {
      render();
      describeAll();
      const row = sealedList.firstElementChild;
      if (row && left !== null) setText(row.querySelector('[data-slot="note"]'), describeSealed(left));
    },
    showSealed(active) {
      const note = part("hidden-note");
      note.dataset.sealed = String(active);
      setText(note, t(active ? "cookie.sealed" : "cookie.unsealed"));
      syncRows(sealedList, active ? [SEALED] : [], "name", name => copyOf("sealed-row", { name, value: t("cookie.hidden") }), () => {});
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
  const values = cookies.getAll(name);
  const size = sizeOf(name);
  const known = attributesOf(name);
  const end = known && (known.expires === null ? t("cookie.session") : t("cookie.left", { time: describeLeft(known.expires - Date.now()) }));
  const meaning = values.length > 1 ? t("cookie.several", { count: values.length }) : NOTES.has(name) && t(NOTES.get(name));
  return [t("cookie.bytes", { count: size }), known ? known.words.join("; ") : t("cookie.unknown"), end, meaning].filter(Boolean).join(" · ");
}

/** Each session of Express' has attributes of its own. */
const SEALED_ATTRIBUTES = IS_EXPRESS ? "HttpOnly" : "Path=/; HttpOnly; Secure; SameSite=Lax";

function describeSealed(left) {
  return [SEALED_ATTRIBUTES, t("cookie.opens", { time: describeLeft(left) })].join(" · ");
}

/** Name and value as they stand in the jar: what a browser counts against its 4,096 bytes. */
function sizeOf(name) {
  const pair = document.cookie.split("; ").find(one => one.slice(0, Math.max(one.indexOf("="), 0)) === name) ?? "";
  return new TextEncoder().encode(pair).length - (pair.includes("=") ? 1 : 0);
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
