// Section 1: the form that writes a cookie, judged by the package's rules while one types.
import { CookieError, cookies } from "../pkg/index.js";
import { part, say, showVerdict } from "./dom.js";

const TEXT = {
  wouldKeep: "A browser keeps this.",
  kept: name => `${name} is in the jar.`,
};

/** What the “Try one that …” buttons put into the form. */
const TRIES = {
  plain: { name: "flavour", value: "plum & ginger", maxAge: "86400", sameSite: "lax" },
  none: { name: "widget", value: "1", maxAge: "3600", sameSite: "none" },
  host: { name: "__Host-basket", value: "1", path: "/shop", secure: true, sameSite: "lax" },
  large: { name: "essay", value: "x".repeat(5000), sameSite: "lax" },
  path: { name: "elsewhere", value: "1", maxAge: "3600", path: "/shop", sameSite: "lax" },
};

/** `onWrite()` is called after every attempt to write. `load(name, value)` opens a cookie for a change. */
export function startCookieForm({ onWrite }) {
  const form = part("cookie-form");
  const field = form.elements;
  const verdict = part("cookie-verdict");

  function judge() {
    const { name, value, options } = read(field);
    const result = cookies.check(name, value, options);
    if (result.ok) showVerdict(verdict, "good", "ok", TEXT.wouldKeep);
    else showVerdict(verdict, "bad", result.code, result.message);
  }

  form.addEventListener("input", judge);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const { name, value, options } = read(field);
    try {
      cookies.set(name, value, options);
      showVerdict(verdict, "good", "ok", TEXT.kept(name));
    } catch (error) {
      if (!(error instanceof CookieError)) throw error;
      showVerdict(verdict, error.code === "unverifiable" ? "unsure" : "bad", error.code, error.message);
    }
    onWrite();
  });
  form.addEventListener("click", event => {
    const chosen = TRIES[event.target.dataset.try];
    if (!chosen) return;
    write(field, chosen);
    judge();
    say(verdict.textContent);
  });

  judge();
  return {
    load(name, value) {
      field.name.value = name;
      field.value.value = value;
      judge();
      field.value.focus();
      field.value.select();
    },
  };
}

function read(field) {
  const options = { secure: field.secure.checked, partitioned: field.partitioned.checked };
  if (field.maxAge.value.trim() !== "") options.maxAge = Number(field.maxAge.value);
  if (field.path.value !== "") options.path = field.path.value;
  if (field.sameSite.value !== "") options.sameSite = field.sameSite.value;
  return { name: field.name.value, value: field.value.value, options };
}

function write(field, { name, value, maxAge = "", path = "/", sameSite = "", secure = false }) {
  field.name.value = name;
  field.value.value = value;
  field.maxAge.value = maxAge;
  field.path.value = path;
  field.sameSite.value = sameSite;
  field.secure.checked = secure;
  field.partitioned.checked = false;
}
