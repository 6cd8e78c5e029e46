// Starts the page. The package is loaded late, so that a missing one can be reported instead of leaving a dead page.
import "./wire.js";
import { t } from "./text.js";

try {
  const { start } = await import("./app.js");
  await start();
} catch (error) {
  console.error(error);
  const notice = document.getElementById("boot-error");
  notice.textContent = `${t("boot.broken")} (${error.message})`;
  notice.hidden = false;
}
