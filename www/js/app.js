// Joins the parts: every change of a jar reaches the drawing, the lists and the comparison.
import { cookies, session } from "../pkg/index.js";
import { startAccount } from "./account.js";
import { remember } from "./attributes.js";
import { startCart } from "./cart.js";
import { startClicks } from "./clicks.js";
import { IS_EXPRESS } from "./companion.js";
import { startCookieForm } from "./cookie-form.js";
import { startCookieList } from "./cookie-list.js";
import { startEcho } from "./echo.js";
import { startInspector } from "./inspector.js";
import { startLog } from "./log.js";
import { startPlate } from "./plate.js";
import { startPreferences } from "./preferences.js";
import { startSessionForm } from "./session-form.js";
import { startSessionPanel } from "./session-panel.js";

export async function start() {
  startLog();
  const plate = startPlate();
  const echo = startEcho();

  const cookieForm = startCookieForm({ onWrite: () => cookieList.render() });
  const cookieList = startCookieList({
    onEdit: cookieForm.load,
    onNames: names => {
      plate.showCookies(names);
      echo.outdated();
    },
  });
  startPreferences({
    onWrite: (name, options) => {
      remember(name, options);
      cookieList.render();
    },
  });

  const onChange = () => sessionPanel.refresh();
  const parts = [startAccount({ onChange }), startCart({ onChange }), startClicks({ onChange })];
  const sessionPanel = startSessionPanel({
    onEdit: (key, value) => sessionForm.load(key, value),
    onView: view => {
      plate.showSession(view);
      for (const one of parts) one.show(view);
      cookieList.showSealed(view.active);
      cookieList.render();
      echo.outdated();
    },
    onTick: cookieList.tick,
  });
  const sessionForm = startSessionForm({ onWrite: onChange });
  const inspector = startInspector();

  cookies.subscribe(() => {
    cookieList.render();
    sessionPanel.follow();
  });
  cookieList.render();
  await sessionPanel.refresh();
  await echo.run();
  if (!IS_EXPRESS) session.subscribe(sessionPanel.hear);
  document.documentElement.dataset.ready = "true";
  inspector.judge();
}
