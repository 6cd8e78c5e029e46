// Section 1: the form that writes a cookie, judged by the package's rules while one types.
import { CookieError, cookies } from "../pkg/index.js";
import { remember } from "./attributes.js";
import { part, say, setText, showVerdict } from "./dom.js";
import { reason, t } from "./text.js";

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
    if (result.ok) showVerdict(verdict, "good", "ok", t("cookie.would-keep"));
    else showVerdict(verdict, "bad", result.code, reason(result.code, result.message));
  }

  form.addEventListener("input", judge);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const { name, value, options } = read(field);
    try {
      const outcome = cookies.set(name, value, options);
      remember(name, options);
      if (outcome === "unverifiable") showVerdict(verdict, "unsure", outcome, t("cookie.unverifiable", { path: options.path }));
      else showVerdict(verdict, "good", "ok", t(cookies.has(name) ? "cookie.kept" : "cookie.expired", { name }));
    } catch (error) {
      if (!(error instanceof CookieError)) throw error;
      showVerdict(verdict, "bad", error.code, reason(error.code, error.message));
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

const UNITS = [["cookie.days", 86400], ["cookie.hours", 3600], ["cookie.minutes", 60]];

/** The Max-Age in the largest unit that it fills, since few people read 31536000 as a year. */
function describeAge(seconds) {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? [];
  return unit ? t(unit, { count: Math.round((seconds / length) * 10) / 10 }) : t("cookie.seconds");
}
