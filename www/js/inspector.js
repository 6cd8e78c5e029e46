// Section 5: what a browser does with a Set-Cookie line, rule by rule. The rule book is a module of its own, fetched
// when all else is there.
import { part, say, showVerdict, syncRows } from "./dom.js";
import { language, reason, t } from "./text.js";

/** What the “Try one that …” buttons put into the form. */
const TRIES = {
  kept: { line: "__Host-id=7; Path=/; Secure; HttpOnly; SameSite=Lax" },
  domain: { line: "visitor=7; Domain=bank.example; Path=/" },
  prefix: { line: "__Host-id=7; Path=/; Domain=shop.example; Secure" },
  none: { line: "widget=1; SameSite=None" },
  script: { line: "__Http-id=7; Path=/; Secure; HttpOnly", script: true },
  bent: { line: "note=plum; jam; Path=cart; Max-Age=99999999; SameSite=Sometimes; Expires=tomorrow" },
};

/** Where values of these rows are words of the page's language. */
const WORDS = { connection: "connection", scripts: "scripts", cross: "cross" };

export function startInspector() {
  const form = part("inspector-form");
  const field = form.elements;
  const verdict = part("inspector-verdict");
  const rules = part("inspector-rules");
  const outcome = part("inspector-outcome");
  let book;

  async function judge() {
    let findings;
    try {
      book ??= load();
      const explain = await book;
      findings = explain(field.line.value, field.url.value.trim(), field.script.checked, field.crossSite.checked, Date.now() / 1000);
    } catch (error) {
      book = undefined;
      console.error(error);
      showVerdict(verdict, "bad", "wasm", t("inspector.missing"));
      return;
    }
    show(findings.split("\n").filter(Boolean).map(line => line.split("\t")));
  }

  function show(findings) {
    const of = kind => findings.filter(finding => finding[0] === kind);
    const [[, code, english] = []] = of("refused");
    if (code) showVerdict(verdict, "bad", code, reason(code, english));
    else showVerdict(verdict, "good", "ok", t(of("removed").length > 0 ? "inspector.removed" : "inspector.stored"));
    const broken = new Map(of("rule").map(([, rule, refusal, demand]) => [rule, { refusal, ...reason(`rule_${rule}`, demand) }]));
    syncRows(rules, [...broken.keys()], "rule", () => document.createElement("li"), (row, rule) => {
      const { refusal, text, lang } = broken.get(rule);
      row.dataset.kept = String(refusal === "");
      const mark = document.createElement("b");
      mark.textContent = t(refusal === "" ? "inspector.kept" : "inspector.broken");
      const words = document.createElement("span");
      words.lang = lang;
      words.textContent = text;
      row.replaceChildren(mark, " ", words);
    });
    document.getElementById("outcome-title").hidden = Boolean(code);
    outcome.replaceChildren(...of("row").flatMap(row => pair(t(`inspector.${row[1]}`), describe(row))), ...of("note").flatMap(([, note, english]) => {
      const { text, lang } = reason(note, english);
      const [term, words] = pair(note, text);
      words.lang = lang;
      term.className = "code";
      return [term, words];
    }));
  }

  form.addEventListener("input", judge);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("click", async event => {
    const chosen = TRIES[event.target.dataset.try];
    if (!chosen) return;
    field.line.value = chosen.line;
    field.url.value = "https://shop.example/cart";
    field.script.checked = chosen.script ?? false;
    field.crossSite.checked = false;
    await judge();
    say(verdict.textContent);
  });
  return { judge };
}

function describe([, name, value, extra]) {
  if (name === "domain") return t(`inspector.domain-${extra}`, { domain: value });
  if (name === "until") return value === "" ? t("inspector.until-closed") : new Date(value * 1000).toLocaleString(language);
  return WORDS[name] ? t(`inspector.${WORDS[name]}-${value}`) : value;
}

function pair(term, text) {
  const [name, words] = ["dt", "dd"].map(tag => document.createElement(tag));
  name.textContent = term;
  words.textContent = text;
  return [name, words];
}

// Without the optimiser the module still asks for a table of objects, though no object ever crosses the border.
const IMPORTS = { "./twinjar_inspector_bg.js": { __wbindgen_init_externref_table() {} } };

/** `explain(line, url, script, crossSite, now)`: findings, one a line, their parts between tabs. */
async function load() {
  const [glue, { instance }] = await Promise.all([
    import("../inspector/glue.js"),
    WebAssembly.instantiateStreaming(fetch("/inspector/inspector.wasm"), IMPORTS),
  ]);
  glue.__wbg_set_wasm(instance.exports);
  return glue.explain;
}
