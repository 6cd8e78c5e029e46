// js-cookie's API and behaviour, call for call, for code that is to move without being changed. Refused writes are
// silent and expires counts days, as there; reads are answered from memory while document.cookie has not changed.

const DEFAULT_CONVERTER = {
  read: (value) => (value[0] === '"' ? value.slice(1, -1) : value).replace(/(%[\dA-F]{2})+/gi, decodeURIComponent),
  // All that RFC 6265 allows in a value stays as it is.
  write: (value) => encodeURIComponent(value).replace(/%(2[346BF]|3[AC-F]|40|5[BDE]|60|7[BCD])/g, decodeURIComponent),
};

const DAY = 86_400_000;

/** What document.cookie held at the last look, and its cookies in order; one for all instances. */
let header = "";
let pairs = [];

function read() {
  const now = document.cookie;
  if (now !== header) {
    header = now;
    pairs = now ? now.split("; ").map(toPair).filter(Boolean) : [];
  }
  return pairs;
}

function toPair(part) {
  const end = part.indexOf("=");
  try {
    return { name: decodeURIComponent(end < 0 ? part : part.slice(0, end)), raw: end < 0 ? "" : part.slice(end + 1) };
  } catch {
    // A name that cannot be decoded hides its cookie, as in js-cookie.
    return undefined;
  }
}

// The default converter always gives the same, so its result is kept.
function decode(converter, pair) {
  if (converter.read !== DEFAULT_CONVERTER.read) return converter.read(pair.raw, pair.name);
  return (pair.value ??= converter.read(pair.raw));
}

function merge(...sources) {
  const merged = {};
  for (const source of sources) for (const key in source) if (key !== "__proto__") merged[key] = source[key];
  return merged;
}

function encodeName(name) {
  return encodeURIComponent(name)
    .replace(/%(2[346B]|5E|60|7C)/g, decodeURIComponent)
    .replace(/[()]/g, (bracket) => (bracket === "(" ? "%28" : "%29"));
}

function init(converter, defaults) {
  function set(name, value, attributes) {
    if (typeof document === "undefined") return;
    const all = merge(defaults, attributes);
    if (typeof all.expires === "number") all.expires = new Date(Date.now() + all.expires * DAY);
    if (all.expires) all.expires = all.expires.toUTCString();
    const key = encodeName(name);
    let line = `${key}=${converter.write(value, key)}`;
    for (const attribute in all) {
      const content = all[attribute];
      if (!content) continue;
      line += "; " + attribute;
      // What follows a semicolon would be read as another attribute.
      if (content !== true) line += "=" + content.split(";")[0];
    }
    return (document.cookie = line);
  }

  function get(name) {
    if (typeof document === "undefined" || (arguments.length && !name)) return;
    const jar = {};
    for (const pair of read()) {
      if (name ? String(name) !== pair.name : Object.hasOwn(jar, pair.name)) continue;
      try {
        const value = decode(converter, pair);
        if (name) return value;
        Object.defineProperty(jar, pair.name, { value, configurable: true, enumerable: true, writable: true });
      } catch {
        // This cookie cannot be decoded; the others can.
      }
    }
    return name ? undefined : jar;
  }

  return Object.create(
    {
      set,
      get,
      remove: (name, attributes) => void set(name, "", merge(attributes, { expires: -1 })),
      withAttributes(attributes) {
        return init(this.converter, merge(this.attributes, attributes));
      },
      withConverter(overrides) {
        return init(merge(this.converter, overrides), this.attributes);
      },
    },
    { attributes: { value: Object.freeze(defaults) }, converter: { value: Object.freeze(converter) } },
  );
}

export default /* @__PURE__ */ init(DEFAULT_CONVERTER, { path: "/" });
