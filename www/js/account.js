// Section 4: logging in and out, and the sessions of whoever has logged in.
import { session } from "../pkg/index.js";
import { call } from "./call.js";
import { IS_EXPRESS } from "./companion.js";
import { copyOf, part, say, setText, showVerdict, syncRows, whileBusy } from "./dom.js";
import { explain } from "./problem.js";
import { language, t } from "./text.js";

/** `onChange()` is called after each change of the session. */
export function startAccount({ onChange }) {
  const form = part("login-form");
  const naming = part("device-form");
  const verdict = part("login-verdict");
  const list = part("device-list");
  list.tabIndex = -1;
  if (IS_EXPRESS) setText(part("device-empty"), t("account.express"));
  let asked = 0;
  let keptLabel = "";

  async function show(view) {
    const user = view.active ? view.user : null;
    enable(part("logout"), Boolean(user));
    for (const name of ["device-others", "device-rename", "device-label"]) enable(part(name), Boolean(user) && !IS_EXPRESS);
    if (user) showVerdict(verdict, "good", user, t("account.user", { name: user }));
    else showVerdict(verdict, "unsure", "none", t("account.nobody"));
    asked += 1;
    const question = asked;
    const devices = user && !IS_EXPRESS ? await call("GET", "/api/session/devices").catch(() => []) : [];
    // Of two answers that overtake each other, the later question's counts.
    if (question !== asked) return;
    const known = new Map(devices.map(device => [device.handle, device]));
    syncRows(list, [...known.keys()], "handle", make, (row, handle) => describe(row, known.get(handle)));
    part("device-empty").hidden = devices.length > 0;
    const field = part("device-label");
    const label = devices.find(device => device.current)?.label ?? "";
    // What somebody has begun to write stays.
    if (!user || field.value === keptLabel) field.value = label;
    keptLabel = label;
  }

  function describe(row, { label, current, lastSeenAt }) {
    setText(row.querySelector('[data-slot="name"]'), label ?? t("account.unnamed"));
    const time = new Date(lastSeenAt).toLocaleTimeString(language);
    setText(row.querySelector('[data-slot="value"]'), current ? t("account.here") : t("account.seen", { time }));
    row.dataset.current = String(current);
  }

  /** A button that is no longer of use hands the focus on. */
  function enable(button, yes) {
    if (!yes && button === document.activeElement) form.elements.username.focus();
    button.disabled = !yes;
  }

  function make(handle) {
    const row = copyOf("device-row", { handle });
    const end = part("device-end", row);
    end.ariaLabel = t("account.end", { handle });
    end.addEventListener("click", () => act(async () => {
      await call("DELETE", `/api/session/devices/${handle}`);
      say(t("account.ended", { handle }));
    }));
    return row;
  }

  function act(task) {
    return whileBusy(form, async () => {
      try {
        await task();
        await onChange();
      } catch (error) {
        const problem = explain(error);
        showVerdict(verdict, "bad", problem.code, problem.sentence);
      }
    });
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    const { username, password } = form.elements;
    act(async () => {
      await call("POST", "/api/login", { username: username.value, password: password.value });
      password.value = "";
    });
  });
  form.addEventListener("click", event => {
    const name = event.target.closest("[data-try]")?.dataset.try;
    if (!name) return;
    act(async () => {
      const account = (await call("GET", "/api/accounts")).find(one => one.username === name);
      form.elements.username.value = account.username;
      form.elements.password.value = account.password;
    });
  });
  naming.addEventListener("submit", event => {
    event.preventDefault();
    const field = naming.elements.label;
    const label = field.value.trim();
    field.value = label;
    act(async () => {
      if (label) await session.set("label", label);
      else await session.delete("label");
      say(t("account.renamed", { label: label || t("account.unnamed") }));
    });
  });
  part("logout").addEventListener("click", () => act(() => call("POST", "/api/logout")));
  part("device-others").addEventListener("click", () => act(async () => {
    const { revoked } = await call("POST", "/api/session/devices/revoke-others");
    say(t("account.others", { count: revoked }));
  }));
  return { show };
}
