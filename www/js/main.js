// Starts the page. The package is loaded late, so that a missing one can be reported instead of leaving a dead page.
import "./wire.js";

const TEXT = {
  broken: "The browser package could not be loaded, so nothing on this page works. Build it with “cargo xtask wasm” and reload.",
};

try {
  const { start } = await import("./app.js");
  await start();
} catch (error) {
  console.error(error);
  const notice = document.getElementById("boot-error");
  notice.textContent = `${TEXT.broken} (${error.message})`;
  notice.hidden = false;
}
