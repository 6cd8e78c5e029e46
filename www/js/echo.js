// Section 6: the same cookies as scripts see them and as the server saw them in one request.
import { cookies } from "../pkg/index.js";
import { part, setText, whileBusy } from "./dom.js";
import { t } from "./text.js";

export function startEcho() {
  const button = part("echo-run");
  const table = part("echo-cookies");
  const body = table.tBodies[0];
  const note = part("echo-note");
  let asked = null;

  async function run() {
    await whileBusy(table, async () => {
      try {
        const response = await fetch("/api/echo", { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error(`status ${response.status}`);
        show((await response.json()).cookies);
      } catch (error) {
        console.error(error);
        setText(note, t("echo.down"));
      }
    });
  }

  function show(seen) {
    asked = document.cookie;
    const read = cookies.getAll();
    const rows = seen.map(([name, value]) => ({ name, script: read[name], server: value }));
    const sent = new Set(seen.map(([name]) => name));
    for (const name of Object.keys(read)) if (!sent.has(name)) rows.push({ name, script: read[name] });
    body.replaceChildren(...rows.map(makeRow));
    const hidden = rows.filter(row => row.script === undefined).length;
    setText(note, rows.length === 0 ? t("echo.nothing") : hidden === 0 ? t("echo.same") : t("echo.counted", { count: hidden }));
  }

  button.addEventListener("click", run);
  return {
    run,
    /** Says that the shown rows are from before the last change. */
    outdated() {
      if (asked !== null && asked !== document.cookie) setText(note, t("echo.outdated"));
    },
  };
}

function makeRow({ name, script, server }) {
  const row = document.createElement("tr");
  row.dataset.name = name;
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  row.append(head, makeCell("script", script, t("echo.hidden")), makeCell("server", server, t("echo.unsent")));
  return row;
}

function makeCell(seenBy, value, absent) {
  const cell = document.createElement("td");
  cell.dataset.seen = seenBy;
  const text = document.createElement("span");
  text.textContent = value ?? absent;
  cell.append(text);
  if (value === undefined) cell.className = "absent";
  return cell;
}
