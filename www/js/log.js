// Section 6: the last exchanges, with what their answers did to the jars, in words.
import { COMPANION } from "./companion.js";
import { copyOf, part, setText } from "./dom.js";
import { t } from "./text.js";
import { onExchange } from "./wire.js";

const KEPT = 24;
const SHOWN_BODY = 120;

export function startLog() {
  const list = part("log");
  const rows = new WeakMap();
  onExchange(exchange => {
    if (!rows.has(exchange)) {
      const row = copyOf("log-entry", { method: exchange.method, path: exchange.path, sent: describeSent(exchange) });
      rows.set(exchange, row);
      row.dataset.method = exchange.method;
      row.dataset.path = exchange.path;
      list.prepend(row);
      while (list.children.length > KEPT) removeLast(list);
    }
    showAnswer(rows.get(exchange), exchange);
  });
}

/** The list takes the focus of a row that goes. */
function removeLast(list) {
  const row = list.lastElementChild;
  if (row.contains(document.activeElement)) list.focus();
  row.remove();
}

function showAnswer(row, exchange) {
  const { status, answer } = exchange;
  const slot = name => row.querySelector(`[data-slot="${name}"]`);
  setText(slot("status"), status === undefined ? t("log.waiting") : status === 0 ? t("log.none") : String(status));
  if (status === undefined) return;
  row.dataset.status = String(status);
  setText(slot("answer"), [answer?.etag && `ETag ${answer.etag}`, shorten(answer?.body)].filter(Boolean).join("  "));
  setText(slot("effect"), describeEffect(exchange));
  part("log-headers", row).hidden = !answer?.headers;
  if (answer?.headers) setText(slot("headers"), describeHeaders(exchange));
}

function describeSent({ sent }) {
  return [sent.ifMatch && `If-Match ${sent.ifMatch}`, sent.csrf && t("log.token"), shorten(sent.body)].filter(Boolean).join("  ");
}

function shorten(body = "") {
  return body.length > SHOWN_BODY ? `${body.slice(0, SHOWN_BODY)}…` : body;
}

/** Both heads as they stood on the wire, but for the masked id. */
function describeHeaders({ method, path, status, answer }) {
  const lines = headers => headers.map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path}`, ...lines(answer.headers.request), "", String(status), ...lines(answer.headers.response)].join("\n");
}

/** Scripts cannot read Set-Cookie, so its effect is told by what the readable jar held before and after. */
function describeEffect({ method, before, after }) {
  const [old, now] = [before, after].map(literal => new Map(split(literal)));
  const lines = [];
  for (const [name, value] of now) {
    if (!old.has(name)) lines.push(t(name === COMPANION && method !== "GET" ? "log.began" : "log.set", { name }));
    else if (old.get(name) !== value) lines.push(t("log.changed", { name }));
  }
  for (const name of old.keys()) if (!now.has(name)) lines.push(t(name === COMPANION ? "log.ended" : "log.cleared", { name }));
  return lines.join(" ");
}

function split(literal) {
  if (literal === "") return [];
  return literal.split("; ").map(pair => {
    const end = pair.indexOf("=");
    return [pair.slice(0, Math.max(end, 0)), pair.slice(end + 1)];
  });
}
