// Section 2: the session as the server tells it: state, deadlines, values.
import { session } from "../pkg/index.js";
import { startCountdown } from "./countdown.js";
import { copyOf, inTurn, part, say, setText, showVerdict, syncRows } from "./dom.js";
import { explain } from "./problem.js";
import { t } from "./text.js";

const BUSY = ':is([aria-busy="true"], :has([aria-busy="true"]))';
/** An answer of our own sets the companion cookie a moment before it is here. */
const SETTLE_MS = 10;

/** `onEdit(key, value)` is asked for a change; `onView(view)` hears every view, `onTick(left)` each second. */
export function startSessionPanel({ onEdit, onView, onTick }) {
  const section = document.getElementById("server");
  const status = part("session-status");
  const state = part("session-state");
  const list = part("session-list");
  list.tabIndex = -1;
  const countdown = startCountdown({
    onTick,
    onEnd() {
      say(t("session.ended-expired"));
      refresh();
    },
  });
  let shown = { active: false };
  let following;
  let [asked, answered] = [0, 0];
  /** What was heard of the session since it was last asked for. */
  let heard;

  async function refresh() {
    try {
      heard = undefined;
      const question = ++asked;
      const view = await session.view();
      // Of two answers that overtake each other, the later question's counts.
      if (question < answered) return;
      answered = question;
      show(view);
    } catch (error) {
      showProblem(explain(error));
    }
  }

  function show(view) {
    status.dataset.state = view.active ? "active" : "none";
    setText(state, t(`session.${status.dataset.state}`));
    for (const attribute of ["data-tone", "data-code"]) state.removeAttribute(attribute);
    setView("handle", view.active ? view.handle : t("time.none"));
    setView("revision", view.active ? String(view.revision) : t("time.none"));
    countdown.show(view);
    shown = view;
    const data = view.data ?? {};
    const keys = Object.keys(data);
    syncRows(list, keys, "key", make, (row, key) => {
      const json = JSON.stringify(data[key]);
      setText(row.querySelector('[data-slot="value"]'), json);
      setText(row.querySelector('[data-slot="note"]'), t("session.bytes", { count: new TextEncoder().encode(json).length }));
    });
    part("session-empty").hidden = keys.length > 0;
    onView(view);
  }

  /** A refused change leaves the session as it was, so only the state line speaks of it. */
  function showProblem(problem) {
    if (problem.isDown) status.dataset.state = "down";
    showVerdict(state, "bad", problem.code, problem.sentence);
    say(state.textContent);
  }

  function setView(name, text) {
    setText(status.querySelector(`[data-view="${name}"]`), text);
  }

  function make(key) {
    const row = copyOf("session-row", { name: key });
    const edit = part("session-edit", row);
    edit.ariaLabel = t("session.change", { key });
    edit.addEventListener("click", () => onEdit(key, shown.data[key]));
    const remove = part("session-remove", row);
    remove.ariaLabel = t("session.remove", { key });
    remove.addEventListener("click", () => act(() => session.delete(key), t("session.removed", { key })));
    return row;
  }

  /** Runs a change, shows what became of it, then asks for the view again. */
  function act(change, done) {
    return inTurn(section, async () => {
      try {
        await change();
        say(done);
        await refresh();
      } catch (error) {
        showProblem(explain(error));
      }
    });
  }

  /** Asks again when the companion cookie tells of a change that another tab, or another page, has made. */
  function follow() {
    clearTimeout(following);
    // Timers of hidden tabs wait for a second.
    if (document.hidden) note(session.state());
    else following = setTimeout(() => note(session.state()), SETTLE_MS);
  }

  /** The same for a change that the server tells of, made on another device perhaps. */
  function hear(event) {
    if (event.type === "expiring") say(t("session.expiring"));
    if (event.type === "changed") note({ active: true, revision: event.revision });
    if (event.type === "ended" && shown.active) {
      say(t(`session.ended-${event.reason ?? "destroyed"}`));
      note({ active: false });
    }
  }

  function note(news) {
    heard = news;
    catchUp();
  }

  /** A change of ours that is under way asks by itself when it is done; what is heard after that is still news then. */
  function catchUp() {
    const isNews = heard && (heard.active !== shown.active || (heard.active && heard.revision !== shown.revision));
    if (isNews && !section.matches(BUSY)) inTurn(section, refresh);
  }

  new MutationObserver(catchUp).observe(section, { attributeFilter: ["aria-busy"], subtree: true });
  part("session-refresh").addEventListener("click", () => inTurn(section, refresh));
  part("session-destroy").addEventListener("click", () => act(() => session.destroy(), t("session.destroyed")));
  return { refresh, follow, hear };
}
