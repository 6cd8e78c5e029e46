// Section 2: the form that puts, gets and deletes one value of the session.
import { session } from "../pkg/index.js";
import { part, say, showVerdict, whileBusy } from "./dom.js";
import { explain } from "./problem.js";
import { t } from "./text.js";

/** What the “Try one that …” buttons put into the form. */
const TRIES = {
  cart: { key: "cart", value: { items: ["plum jam", "ginger"], n: 2 } },
  type: { key: "count", value: "seven" },
  hidden: { key: "admin", value: true },
  stale: { key: "cart", value: { items: [], n: 0 }, ifMatch: "0" },
  large: { key: "note", value: "x".repeat(100_000) },
};

/** `onWrite()` is called after each change that the server accepted. */
export function startSessionForm({ onWrite }) {
  const form = part("session-form");
  const field = form.elements;
  const verdict = part("session-verdict");

  /** The typed value, or undefined after saying why it is none. */
  function parse() {
    try {
      const value = JSON.parse(field.value.value);
      showVerdict(verdict, "good", "ok", t("session.is-json"));
      return value;
    } catch (error) {
      showVerdict(verdict, "bad", "not_json", t("session.not-json", { reason: error.message.replace(/\.$/, "") }));
      return undefined;
    }
  }

  function load(key, value, ifMatch = "") {
    field.key.value = key;
    field.value.value = write(value);
    field.ifMatch.value = ifMatch;
    parse();
  }

  /** With a revision the server refuses the write when the session has changed since. */
  function condition() {
    const revision = field.ifMatch.value.trim();
    return revision === "" ? {} : { ifMatch: `"${revision}"` };
  }

  function act(task) {
    return whileBusy(form, async () => {
      try {
        await task(field.key.value);
      } catch (error) {
        const problem = explain(error);
        showVerdict(verdict, "bad", problem.code, problem.sentence);
      }
    });
  }

  form.addEventListener("input", parse);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const value = parse();
    if (value === undefined) {
      field.value.focus();
      return;
    }
    act(async key => {
      await session.set(key, value, condition());
      await onWrite();
      showVerdict(verdict, "good", "ok", t("session.put", { key }));
    });
  });
  part("session-get").addEventListener("click", () => act(async key => {
    const value = await session.get(key);
    if (value === undefined) {
      showVerdict(verdict, "unsure", "404 key_not_found", t("session.absent", { key }));
      return;
    }
    field.value.value = write(value);
    showVerdict(verdict, "good", "ok", t("session.got", { key }));
  }));
  part("session-delete").addEventListener("click", () => act(async key => {
    await session.delete(key, condition());
    await onWrite();
    showVerdict(verdict, "good", "ok", t("session.deleted", { key }));
  }));
  form.addEventListener("click", event => {
    const chosen = TRIES[event.target.dataset.try];
    if (!chosen) return;
    load(chosen.key, chosen.value, chosen.ifMatch);
    say(verdict.textContent);
  });

  parse();
  return {
    load(key, value) {
      load(key, value);
      field.value.focus();
    },
  };
}

/** JSON as a person would write it on a line, or over several when it is long. */
function write(value) {
  const text = JSON.stringify(value);
  return text.length > 60 && text.length < 2000 ? JSON.stringify(value, null, 2) : text;
}
