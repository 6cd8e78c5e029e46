// The few helpers that every part of the page uses.

/** The element that bears this data-testid: the tests and the page find things by the same names. */
export function part(name, root = document) {
  return root.querySelector(`[data-testid="${name}"]`);
}

/** A copy of a template's only element, its slots filled with text. */
export function copyOf(template, slots = {}) {
  const element = document.getElementById(template).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(slots)) setText(element.querySelector(`[data-slot="${name}"]`), text);
  return element;
}

/** Writes text only where it differs, so that a live region is not announced for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Says a short sentence to screen readers. */
export function say(text) {
  part("announce").textContent = text;
}

/** Runs a task while the element is marked busy; clicks that come in the meantime are dropped. */
export async function whileBusy(element, task) {
  if (element.ariaBusy === "true") return;
  element.ariaBusy = "true";
  try {
    await task();
  } finally {
    element.ariaBusy = "false";
  }
}

/** What runs last on each element that tasks take turns at. */
const turns = new WeakMap();

/** The same where each click counts: what comes in the meantime waits for its turn. */
export async function inTurn(element, task) {
  const before = turns.get(element);
  let end;
  turns.set(element, new Promise(done => (end = done)));
  await before;
  await whileBusy(element, task).finally(end);
}

/**
 * Shows a verdict: a code in a tag, then a sentence. `tone` is "good", "bad" or "unsure"; a sentence is a text of the
 * page's language, or `{ text, lang }`.
 */
export function showVerdict(element, tone, code, sentence) {
  element.dataset.tone = tone;
  element.dataset.code = code;
  const { text, lang } = typeof sentence === "string" ? { text: sentence, lang: "" } : sentence;
  if (element.textContent === `${code} ${text}`) return;
  const tag = document.createElement("code");
  tag.textContent = code;
  const words = document.createElement("span");
  if (lang) words.lang = lang;
  words.textContent = text;
  element.replaceChildren(tag, " ", words);
}

/**
 * Brings a list in line with the wanted keys, keeping the rows that stay, so that focus is not lost.
 * `make(key)` builds a row, `update(row, key)` fills it. When the focused row goes, its neighbour gets the focus.
 */
export function syncRows(list, keys, attribute, make, update) {
  const wanted = new Set(keys);
  const old = new Map([...list.children].map(row => [row.dataset[attribute], row]));
  let orphaned = null;
  for (const [key, row] of old) {
    if (wanted.has(key)) continue;
    if (row.contains(document.activeElement)) {
      const heir = row.nextElementSibling ?? row.previousElementSibling;
      orphaned = heir ? part(document.activeElement.dataset.testid, heir) : list;
    }
    row.remove();
    old.delete(key);
  }
  keys.forEach((key, place) => {
    const row = old.get(key) ?? make(key);
    row.dataset[attribute] = key;
    update(row, key);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  orphaned?.focus();
}
