// The time left until the session's deadlines, by the server's clock.
import { part, setText } from "./dom.js";

const TEXT = {
  none: "none",
  over: "over",
};

/** Calls `onEnd()` once when a deadline has passed. */
export function startCountdown(onEnd) {
  const idle = part("session-idle");
  const absolute = part("session-absolute");
  let deadlines = null;

  function tick() {
    if (!deadlines) return;
    const now = Date.now() + deadlines.ahead;
    setText(idle, describe(deadlines.idle, now));
    setText(absolute, describe(deadlines.absolute, now));
    if (now >= Math.min(deadlines.idle, deadlines.absolute)) {
      deadlines = null;
      onEnd();
    }
  }

  setInterval(tick, 1000);
  return {
    show(view) {
      deadlines = view.active
        ? { idle: view.idleExpiresAt, absolute: view.absoluteExpiresAt, ahead: view.serverTime - Date.now() }
        : null;
      if (deadlines) tick();
      else for (const element of [idle, absolute]) setText(element, TEXT.none);
    },
  };
}

/** `29:41` or `7:59:03`. */
function describe(deadline, now) {
  const left = Math.round((deadline - now) / 1000);
  if (left <= 0) return TEXT.over;
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((n, place) => (place ? String(n).padStart(2, "0") : String(n))).join(":");
}
