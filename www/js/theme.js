// Light and dark. The choice is kept where every script may read it, through the package: the readable jar's use.
import { defineCookie } from "../pkg/index.js";
import { part, say } from "./dom.js";

const TEXT = {
  toDark: "Dark paper",
  toLight: "Light paper",
  kept: theme => `${theme === "dark" ? "Dark" : "Light"} paper, kept in the cookie “theme”.`,
};

const YEAR = 365 * 24 * 3600;
const theme = defineCookie({ name: "theme", maxAge: YEAR, codec: "string" });
const system = matchMedia("(prefers-color-scheme: dark)");

export function startTheme() {
  const button = part("theme-toggle");
  const show = () => {
    const chosen = theme.get();
    // Without the cookie the page follows the system again: delete it in the list to see that.
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    button.textContent = isDark() ? TEXT.toLight : TEXT.toDark;
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    theme.set(next);
    show();
    say(TEXT.kept(next));
  });
  theme.subscribe(show);
  system.addEventListener("change", show);
  show();
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}
