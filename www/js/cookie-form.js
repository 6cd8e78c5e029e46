// Section 1: the form that writes a cookie, judged by the package's rules while one types.
import { CookieError, cookies } from "../pkg/index.js";
import { part, say, setText, showVerdict } from "./dom.js";

const TEXT = {
  wouldKeep: "A browser keeps this.",
  kept: name => `“${name}” is in the jar.`,
  expired: name => `“${name}” is gone: an age of 0 or less deletes.`,
  unverifiable: path => `Written for ${path}, but this page is elsewhere and cannot see whether the browser kept it.`,
  seconds: "seconds",
  age: (count, unit) => `= ${count} ${unit}${count === "1" ? "" : "s"}`,
  units: ["day", "hour", "minute"],
};

/** What the “Try one that …” buttons put into the form. */
const TRIES = {
  plain: { name: "flavour", value: "plum & ginger", maxAge: "86400" },
  none: { name: "widget", value: "1", maxAge: "3600", sameSite: "none" },
  host: { name: "__Host-basket", value: "1", path: "/shop", secure: true },
  sealed: { name: "id", value: "secret", httpOnly: true },
  large: { name: "essay", value: "x".repeat(5000) },
  path: { name: "elsewhere", value: "1", maxAge: "3600", path: "/shop" },
};

/** `onWrite()` is called after every attempt to write. `load(name, value)` opens a cookie for a change. */
export function startCookieForm({ onWrite }) {
  const form = part("cookie-form");
  const field = form.elements;
  const verdict = part("cookie-verdict");

  function judge() {
    const { name, value, options } = read(field);
    setText(part("cookie-age-hint"), describeAge(options.maxAge));
    const result = cookies.check(name, value, options);
    if (result.ok) showVerdict(verdict, "good", "ok", TEXT.wouldKeep);
    else showVerdict(verdict, "bad", result.code, result.message);
  }

  form.addEventListener("input", judge);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const { name, value, options } = read(field);
    try {
      const outcome = cookies.set(name, value, options);
      if (outcome === "unverifiable") showVerdict(verdict, "unsure", outcome, TEXT.unverifiable(options.path));
      else showVerdict(verdict, "good", "ok", cookies.has(name) ? TEXT.kept(name) : TEXT.expired(name));
    } catch (error) {
      if (!(error instanceof CookieError)) throw error;
      showVerdict(verdict, "bad", error.code, error.message);
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
  const options = { sameSite: field.sameSite.value, secure: field.secure.checked, partitioned: field.partitioned.checked };
  if (field.httpOnly.checked) options.httpOnly = true;
  if (field.maxAge.value.trim() !== "") options.maxAge = Number(field.maxAge.value);
  if (field.path.value !== "") options.path = field.path.value;
  return { name: field.name.value, value: field.value.value, options };
}

function write(field, { name, value, maxAge = "", path = "/", sameSite = "lax", secure = false, httpOnly = false }) {
  field.name.value = name;
  field.value.value = value;
  field.maxAge.value = maxAge;
  field.path.value = path;
  field.sameSite.value = sameSite;
  field.secure.checked = secure;
  field.httpOnly.checked = httpOnly;
  field.partitioned.checked = false;
}

/** The Max-Age in the largest unit that it fills, since few people read 31536000 as a year. */
function describeAge(seconds) {
  const place = [86400, 3600, 60].findIndex(unit => seconds >= unit);
  if (place < 0) return TEXT.seconds;
  const count = (seconds / [86400, 3600, 60][place]).toLocaleString("en", { maximumFractionDigits: 1 });
  return TEXT.age(count, TEXT.units[place]);
}
