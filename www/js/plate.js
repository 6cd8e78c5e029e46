// The drawing: one biscuit for each readable cookie, a sealed one for the id, one slip for each session value.
import { t } from "./text.js";
import { onExchange } from "./wire.js";

const SVG = "http://www.w3.org/2000/svg";
const BISCUITS = 12;
const SLIPS = 4;

export function startPlate() {
  const [browser, server] = ["browser", "server"].map(name => document.querySelector(`svg[data-jar="${name}"]`));
  let names = [];
  let view = { active: false, data: {} };

  function drawBrowser() {
    browser.ariaLabel = t(view.active ? "plate.browser-sealed" : "plate.browser", { count: names.length });
    const biscuits = names.slice(0, BISCUITS).map(name => ({ id: `c:${name}`, make: () => makeBiscuit(name) }));
    if (view.active) biscuits.push({ id: "sealed", make: () => makeShape("sealed", "#sealed-shape") });
    place(browser, biscuits, pack);
    label(browser, names.length - BISCUITS);
  }

  function drawServer() {
    const keys = Object.keys(view.data ?? {});
    server.ariaLabel = t("plate.server", { keys: keys.join(", ") || t("plate.empty") });
    const slips = keys.slice(0, SLIPS).map(key => ({ id: `v:${key}`, make: () => makeSlip(key) }));
    if (view.active) slips.unshift({ id: "sealed", make: () => makeShape("sealed", "#sealed-shape") });
    place(server, slips, index => stack(view.active ? index : index + 1));
    label(server, keys.length - SLIPS);
  }

  onExchange(showOnWire);
  return {
    showCookies(now) {
      names = now;
      drawBrowser();
    },
    showSession(now) {
      view = now;
      document.getElementById("plate-jars").dataset.sealed = String(view.active);
      drawBrowser();
      drawServer();
    },
  };
}

/** Keeps what is there, so that only what is new drops in. */
function place(jar, things, position) {
  const group = jar.querySelector("[data-fill]");
  const old = new Map([...group.children].map(shape => [shape.dataset.id, shape]));
  things.forEach(({ id, make }, index) => {
    const shape = old.get(id) ?? group.appendChild(make());
    old.delete(id);
    shape.dataset.id = id;
    shape.setAttribute("transform", `translate(${position(index)})`);
  });
  for (const shape of old.values()) shape.remove();
}

/** Biscuits in rows of four and three, from the bottom up. */
function pack(index) {
  const inPair = index % 7;
  const row = Math.floor(index / 7) * 2 + (inPair >= 4 ? 1 : 0);
  const column = inPair >= 4 ? inPair - 4 : inPair;
  return [37 + column * 25.5 + (row % 2 ? 12.75 : 0), 163 - row * 22.5];
}

/** The id's counterpart hangs at the neck, the slips lie on top of each other. */
function stack(index) {
  return index === 0 ? [75, 58] : [75, 164 - (index - 1) * 24];
}

function label(jar, more) {
  jar.querySelector(".more")?.remove();
  if (more <= 0) return;
  const text = draw("text", { class: "more", x: 75, y: 30 });
  text.textContent = t("plate.more", { count: more });
  jar.append(text);
}

function makeBiscuit(name) {
  const group = makeShape("biscuit", "#biscuit-shape");
  const turn = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  group.firstChild.setAttribute("transform", `rotate(${turn})`);
  group.append(titleOf(name));
  return group;
}

function makeSlip(key) {
  const group = makeShape("slip", "#slip-shape");
  const text = draw("text", { y: 4 });
  text.textContent = key.length > 10 ? `${key.slice(0, 9)}…` : key;
  group.append(text, titleOf(key));
  return group;
}

function makeShape(name, href) {
  const group = draw("g", { class: name });
  group.append(draw("use", { href }));
  return group;
}

function titleOf(text) {
  const title = draw("title", {});
  title.textContent = text;
  return title;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function showOnWire({ method, path, status }) {
  const [out, back] = ["out", "back"].map(way => document.querySelector(`[data-wire="${way}"]`));
  if (status === undefined) {
    out.textContent = `${method} ${path}`;
    back.textContent = "…";
    run(out.parentElement);
  } else {
    back.textContent = status === 0 ? t("log.none") : String(status);
    if (status) run(back.parentElement);
  }
}

function run(line) {
  line.getAnimations({ subtree: true }).forEach(animation => animation.cancel());
  line.classList.remove("runs");
  void line.offsetWidth; // the class must be seen gone before it comes back, or the dot would not start again
  line.classList.add("runs");
}
