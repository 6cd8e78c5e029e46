// The time left until deadlines, told once a second.
import { part, setText } from "./dom.js";
import { t } from "./text.js";

/** `29:41`, `7:59:03` or `364 d`; a word when it is over. */
export function describeLeft(milliseconds) {
  const left = Math.round(milliseconds / 1000);
  if (left <= 0) return t("time.over");
  if (left >= 100 * 3600) return new Intl.NumberFormat(document.documentElement.lang, DAYS).format(Math.floor(left / 86400));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((n, place) => (place ? String(n).padStart(2, "0") : String(n))).join(":");
}

const DAYS = { style: "unit", unit: "day", unitDisplay: "long" };

/** The session's deadlines by the server's clock. Calls `onEnd()` once when one has passed, and `onTick(left)` each second. */
export function startCountdown({ onEnd, onTick }) {
  const idle = part("session-idle");
  const absolute = part("session-absolute");
  let deadlines = null;

  function tick() {
    const now = Date.now() + (deadlines?.ahead ?? 0);
    if (deadlines) {
      setText(idle, describeLeft(deadlines.idle - now));
      setText(absolute, deadlines.absolute === null ? t("time.never") : describeLeft(deadlines.absolute - now));
    }
    const left = deadlines && Math.min(deadlines.idle, deadlines.absolute ?? Infinity) - now;
    onTick(left);
    if (deadlines && left <= 0) {
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
      if (!deadlines) for (const element of [idle, absolute]) setText(element, t("time.none"));
      tick();
    },
  };
}
