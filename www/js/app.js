// Joins the parts: every change of a jar reaches the drawing, the lists and the comparison.
import { cookies, session } from "../pkg/index.js";
import { startAccount } from "./account.js";
import { startCookieForm } from "./cookie-form.js";
import { startCookieList } from "./cookie-list.js";
import { startEcho } from "./echo.js";
import { startLog } from "./log.js";
import { startPlate } from "./plate.js";
import { startSessionForm } from "./session-form.js";
import { startSessionPanel } from "./session-panel.js";
import { startTheme } from "./theme.js";

export async function start() {
  startLog();
  startTheme();
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

  const account = startAccount({ onChange: () => sessionPanel.refresh() });
  const sessionPanel = startSessionPanel({
    onEdit: (key, value) => sessionForm.load(key, value),
    onView: view => {
      plate.showSession(view);
      account.show(view);
      cookieList.showSealed(view.active);
      cookieList.render();
      echo.outdated();
    },
  });
  const sessionForm = startSessionForm({ onWrite: sessionPanel.refresh });

  cookies.subscribe(() => {
    cookieList.render();
    sessionPanel.follow();
  });
  cookieList.render();
  await sessionPanel.refresh();
  await echo.run();
  session.subscribe(sessionPanel.hear);
  document.documentElement.dataset.ready = "true";
}
