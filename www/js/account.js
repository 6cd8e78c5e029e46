// Section 3: logging in and out, and the sessions of whoever has logged in.
import { cookies, session, SessionError } from "../pkg/index.js";
import { COMPANION } from "./companion.js";
import { copyOf, part, say, setText, showVerdict, syncRows, whileBusy } from "./dom.js";
import { explain } from "./problem.js";

const TEXT = {
  nobody: "Nobody has logged in.",
  user: name => `This session is ${name}’s.`,
  none: "none",
  here: "this one",
  seen: time => `last used ${time}`,
  end: handle => `End session ${handle}`,
  ended: handle => `Session ${handle} is ended.`,
  others: count => (count === 1 ? "One other session is ended." : `${count} other sessions are ended.`),
};

/** `onChange()` is called after each change of the session. */
export function startAccount({ onChange }) {
  const form = part("login-form");
  const verdict = part("login-verdict");
  const list = part("device-list");
  list.tabIndex = -1;
  let asked = 0;

  async function show(view) {
    const user = view.active ? view.user : null;
    for (const name of ["logout", "device-others"]) enable(part(name), Boolean(user));
    if (user) showVerdict(verdict, "good", user, TEXT.user(user));
    else showVerdict(verdict, "unsure", TEXT.none, TEXT.nobody);
    asked += 1;
    const question = asked;
    const devices = user ? await call("GET", "/api/session/devices").catch(() => []) : [];
    // Of two answers that overtake each other, the later question's counts.
    if (question !== asked) return;
    const known = new Map(devices.map(device => [device.handle, device]));
    syncRows(list, [...known.keys()], "handle", make, (row, handle) => {
      const { current, lastSeenAt } = known.get(handle);
      setText(row.querySelector('[data-slot="value"]'), current ? TEXT.here : TEXT.seen(new Date(lastSeenAt).toLocaleTimeString()));
    });
    part("device-empty").hidden = devices.length > 0;
  }

  /** A button that is no longer of use hands the focus on. */
  function enable(button, yes) {
    if (!yes && button === document.activeElement) form.elements.username.focus();
    button.disabled = !yes;
  }

  function make(handle) {
    const row = copyOf("device-row", { name: handle });
    const end = part("device-end", row);
    end.ariaLabel = TEXT.end(handle);
    end.addEventListener("click", () => act(async () => {
      await call("DELETE", `/api/session/devices/${handle}`);
      say(TEXT.ended(handle));
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
    const name = event.target.dataset.try;
    if (!name) return;
    act(async () => {
      const account = (await call("GET", "/api/accounts")).find(one => one.username === name);
      form.elements.username.value = account.username;
      form.elements.password.value = account.password;
    });
  });
  part("logout").addEventListener("click", () => act(() => call("POST", "/api/logout")));
  part("device-others").addEventListener("click", () => act(async () => {
    const { revoked } = await call("POST", "/api/session/devices/revoke-others");
    say(TEXT.others(revoked));
  }));
  return { show };
}

/** A request beyond the session client, with the token that the server asks of every write. */
async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  const token = session.state().active && cookies.get(COMPANION)?.split(".")[1];
  if (token && method !== "GET") headers["X-CSRF-Token"] = token;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new SessionError("network", "The server did not answer.");
  });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new SessionError(answer.code, answer.detail, { status: response.status, detail: answer.detail });
  return answer;
}
