// The sentences of the page in its language. The server puts them into the page; see text/ for the files.

const texts = JSON.parse(document.getElementById("texts").textContent);

/** The page's language, as a tag for `lang` attributes and for `Intl`. */
export const language = document.documentElement.lang;

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

/** The text at `path` (“cart.kept”), its places filled. Where it has plural forms, `values.count` chooses. */
export function t(path, values = {}) {
  const [group, name] = path.split(".");
  const found = texts[group][name];
  const form = typeof found === "string" ? found : (found[plural.select(values.count)] ?? found.other);
  return form.replace(/\{(\w+)\}/g, (place, key) => {
    const value = values[key] ?? place;
    return typeof value === "number" ? number.format(value) : value;
  });
}

/** What to say of a code, as `{ text, lang }`: in the page's language where it has a sentence, else in English. */
export function reason(code, english) {
  const text = Object.hasOwn(texts.reason ?? {}, code) && texts.reason[code];
  return text ? { text, lang: language } : { text: english, lang: "en" };
}
