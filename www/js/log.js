// Section 4: the last exchanges, with what their answers did to the jars, in words.
import { COMPANION } from "./companion.js";
import { copyOf, part, setText } from "./dom.js";
import { onExchange } from "./wire.js";

const TEXT = {
  waiting: "waiting",
  none: "no answer",
  token: "CSRF token",
  ifMatch: tag => `If-Match ${tag}`,
  etag: tag => `ETag ${tag}`,
  began: name => `Set-Cookie: the sealed id, which no script sees, and ${name} beside it.`,
  ended: name => `Set-Cookie: the sealed id and ${name} cleared.`,
  set: name => `Set-Cookie: ${name} appeared.`,
  changed: name => `Set-Cookie: ${name} renewed.`,
  cleared: name => `Set-Cookie: ${name} cleared.`,
};

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
      while (list.children.length > KEPT) list.lastElementChild.remove();
    }
    showAnswer(rows.get(exchange), exchange);
  });
}

function showAnswer(row, exchange) {
  const { status, answer } = exchange;
  const slot = name => row.querySelector(`[data-slot="${name}"]`);
  setText(slot("status"), status === undefined ? TEXT.waiting : status === 0 ? TEXT.none : String(status));
  if (status === undefined) return;
  row.dataset.status = String(status);
  setText(slot("answer"), [answer?.etag && TEXT.etag(answer.etag), shorten(answer?.body)].filter(Boolean).join("  "));
  setText(slot("effect"), describeEffect(exchange));
}

function describeSent({ sent }) {
  return [sent.ifMatch && TEXT.ifMatch(sent.ifMatch), sent.csrf && TEXT.token, shorten(sent.body)].filter(Boolean).join("  ");
}

function shorten(body = "") {
  return body.length > SHOWN_BODY ? `${body.slice(0, SHOWN_BODY)}…` : body;
}

/** Scripts cannot read Set-Cookie, so its effect is told by what the readable jar held before and after. */
function describeEffect({ method, before, after }) {
  const [old, now] = [before, after].map(literal => new Map(split(literal)));
  const lines = [];
  for (const [name, value] of now) {
    if (!old.has(name)) lines.push((name === COMPANION && method !== "GET" ? TEXT.began : TEXT.set)(name));
    else if (old.get(name) !== value) lines.push(TEXT.changed(name));
  }
  for (const name of old.keys()) if (!now.has(name)) lines.push((name === COMPANION ? TEXT.ended : TEXT.cleared)(name));
  return lines.join(" ");
}

function split(literal) {
  if (literal === "") return [];
  return literal.split("; ").map(pair => {
    const end = pair.indexOf("=");
    return [pair.slice(0, Math.max(end, 0)), pair.slice(end + 1)];
  });
}
