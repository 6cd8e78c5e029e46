// Section 3: clicks that the server counts, a hundred of them at once.
import { session } from "../pkg/index.js";
import { call } from "./call.js";
import { inTurn, part, setText, showVerdict } from "./dom.js";
import { explain } from "./problem.js";
import { t } from "./text.js";

const MANY = 100;

/** `onChange()` is called after the last answer. */
export function startClicks({ onChange }) {
  const verdict = part("count-verdict");
  const pips = part("pips");
  pips.append(...Array.from({ length: MANY }, () => document.createElement("i")));
  showVerdict(verdict, "unsure", "0", t("clicks.ready"));

  async function once() {
    const { count } = await call("POST", "/api/count");
    await onChange();
    showVerdict(verdict, "good", String(count), t("clicks.one"));
  }

  async function many() {
    for (const pip of pips.children) pip.className = "";
    const view = await session.view();
    // A visitor without a session would else begin a hundred of them.
    if (!view.active) await session.set("count", 0);
    const before = view.data?.count ?? 0;
    const begun = performance.now();
    let answered = 0;
    const clicks = Array.from(pips.children, async pip => {
      const { count } = await call("POST", "/api/count");
      pip.className = "on";
      answered += 1;
      showVerdict(verdict, "unsure", "…", t("clicks.running", { sent: MANY, answered }));
      return count;
    });
    const answers = await Promise.all(clicks);
    const time = Math.round(performance.now() - begun);
    const after = (await session.view()).data.count;
    // Another tab may click too, so it is asked whether each answer is a number of its own, and all of them are in.
    const own = new Set(answers).size;
    const lost = MANY - Math.min(own, after - before);
    await onChange();
    showVerdict(verdict, lost === 0 ? "good" : "bad", lost === 0 ? "ok" : "lost", t("clicks.done", { sent: MANY, counted: MANY - lost, lost, time }));
  }

  for (const [name, task] of [["count-once", once], ["count-hundred", many]]) {
    part(name).addEventListener("click", () => inTurn(pips, async () => {
      try {
        await task();
      } catch (error) {
        const problem = explain(error);
        showVerdict(verdict, "bad", problem.code, problem.sentence);
      }
    }));
  }

  return {
    show(view) {
      setText(part("count"), String(view.data?.count ?? 0));
    },
  };
}
