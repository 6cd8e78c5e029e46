// Language and paper: two cookies that scripts write and the server reads, with the same names and types on both sides
// (server/src/bin/demo/preferences.rs).
import { defineCookie } from "../pkg/index.js";
import { part, say } from "./dom.js";
import { t, language as shown } from "./text.js";

const YEAR = 365 * 24 * 3600;
const theme = defineCookie({ name: "theme", maxAge: YEAR, codec: "string" });
const language = defineCookie({ name: "language", maxAge: YEAR, codec: "string" });
const system = matchMedia("(prefers-color-scheme: dark)");

/** Both follow their cookies, whoever changes them: this tab, another one, or the list in section 1. */
export function startPreferences({ onWrite }) {
  startTheme(onWrite);
  startLanguage(onWrite);
}

function startTheme(onWrite) {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => {
    const chosen = theme.get();
    // Without the cookie the page follows the system again: delete it in the list to see that.
    if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
    else delete root.dataset.theme;
  };
  part("theme-toggle").addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    theme.set(next);
    show();
    onWrite("theme", { maxAge: YEAR });
    say(t(`theme.${next}`));
  });
  theme.subscribe(show);
  // Somebody may have written the cookie while the page was on its way; below too.
  show();
}

/** The server writes the page in the language of the cookie, so a change asks it for the page again. */
function startLanguage(onWrite) {
  const buttons = [...part("languages").children];
  for (const button of buttons) {
    const own = button.lang === shown;
    button.ariaPressed = String(own);
    button.addEventListener("click", () => {
      language.set(button.lang);
      onWrite("language", { maxAge: YEAR });
      if (!own) location.reload();
    });
  }
  language.subscribe(chosen => {
    if (chosen !== undefined && chosen !== shown) location.reload();
  });
  const chosen = language.get();
  const isKnown = buttons.some(button => button.lang === chosen);
  // Once: the server may be sent another cookie of the name than this page sees.
  if (isKnown && chosen !== shown && performance.getEntriesByType("navigation")[0]?.type !== "reload") location.reload();
}
