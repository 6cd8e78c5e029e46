// Every difference between twinjar's formats and the npm packages that is meant to be, with its reason.
//
// `zone` says for which inputs the answers may differ, in `fields` alone where an answer has fields; `example` is
// a case that does differ, and what both answer. The tests fail where answers differ outside of all zones, and also
// where an example does not differ as it says: a reason that no longer holds has to go.

/** The attributes of a Set-Cookie value, as [name in lower case, value]. */
function attributes(line) {
  return line
    .split(";")
    .slice(1)
    .map((part) =>
      [part, ""]
        .join("=")
        .split("=", 2)
        .map((side) => side.trim()),
    )
    .map(([name, value]) => [name.toLowerCase(), value]);
}

const IMF_FIXDATE = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

const has = (line, wanted) => attributes(line).some(([name, value]) => wanted(name, value));

const ABSENT = {
  domain: null,
  path: null,
  secure: false,
  http_only: false,
  same_site: "Default",
  max_age: null,
  expires: null,
};
const SID = { name: "sid", value: "1", ...ABSENT };

const header07 = [
  {
    id: "a lone quote is no pair of quotes",
    reason: "cookie 0.7.2 takes the same character for the opening and the closing quote and loses it.",
    zone: (header) => /=[ \t]*"[ \t]*(;|$)/.test(header),
    example: { input: 'a="', ours: [["a", '"']], theirs: [["a", ""]] },
  },
  {
    id: "__proto__ is a name like others",
    reason: "cookie 0.7.2 collects into an object with a prototype, where this name cannot be set.",
    zone: (header) => header.includes("__proto__"),
    example: { input: "__proto__=1", ours: [["__proto__", "1"]], theirs: [] },
  },
].map((difference) => ({ kind: "cookie-header-parse", peer: "cookie@0.7.2", ...difference }));

const serializeBoth = ["cookie@0.7.2", "cookie"].flatMap((peer) =>
  [
    {
      id: "no negative Max-Age",
      reason:
        "The grammar of RFC 6265bis section 4.1.1 has digits alone; to remove a cookie, Max-Age=0 does.",
      zone: (input) => input.max_age < 0,
      example: { input: { name: "a", value: "1", max_age: -1 }, ours: null, theirs: "a=1; Max-Age=-1" },
    },
    {
      id: "no leading dot in Domain",
      reason: "The grammar does not permit it, and user agents ignore it.",
      zone: (input) => input.domain?.startsWith("."),
      example: {
        input: { name: "a", value: "1", domain: ".b.com" },
        ours: null,
        theirs: "a=1; Domain=.b.com",
      },
    },
    {
      id: "no host name over 253 characters",
      reason: "No such host exists (RFC 1035 section 2.3.4).",
      zone: (input) => input.domain?.length > 253,
      example: {
        input: { name: "a", value: "1", domain: `${"a.".repeat(127)}com` },
        ours: null,
        theirs: `a=1; Domain=${"a.".repeat(127)}com`,
      },
    },
    {
      id: "an empty Domain is a mistake",
      reason: "It is refused; the package takes it for none.",
      zone: (input) => input.domain === "",
      example: { input: { name: "a", value: "1", domain: "" }, ours: null, theirs: "a=1" },
    },
    {
      id: "an empty Path is written",
      reason: "The grammar permits it; the package takes it for none. User agents read both alike.",
      zone: (input) => input.path === "",
      example: { input: { name: "a", value: "1", path: "" }, ours: "a=1; Path=", theirs: "a=1" },
    },
    {
      id: "prefixes keep their promise",
      reason: "User agents ignore such a cookie (RFC 6265bis section 4.1.3).",
      zone: (input) => /^__(secure|host|http|host-http)-/i.test(input.name),
      example: {
        input: { name: "__Host-a", value: "1", path: "/" },
        ours: null,
        theirs: "__Host-a=1; Path=/",
      },
    },
  ].map((difference) => ({ kind: "serialize", peer, ...difference })),
);

const serialize07 = [
  {
    id: "no year after 9999",
    reason: "IMF-fixdate has four digits for the year.",
    zone: (input) => input.expires > 253402300799,
    example: {
      input: { name: "a", value: "1", expires: 253402300800 },
      ours: null,
      theirs: "a=1; Expires=Sat, 01 Jan 10000 00:00:00 GMT",
    },
  },
].map((difference) => ({ kind: "serialize", peer: "cookie@0.7.2", ...difference }));

const serialize2 = [
  {
    id: "names are tokens",
    reason: "The grammar of section 4.1.1; cookie 2 allows more on purpose.",
    zone: (input) => /["(),/:<>?@[\\\]{}]/.test(input.name),
    example: { input: { name: "[a]", value: "1" }, ours: null, theirs: "[a]=1" },
  },
  {
    id: "values are cookie-octets",
    reason: "The grammar of section 4.1.1; cookie 2 allows quotes, commas and backslashes on purpose.",
    zone: (input) => /[",\\]/.test(input.value),
    example: { input: { name: "a", value: "x,y" }, ours: null, theirs: "a=x,y" },
  },
].map((difference) => ({ kind: "serialize", peer: "cookie", ...difference }));

// What all three readers of Set-Cookie leave to others, because they do not play the user agent to the end.
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const size = (line) => {
  const pair = line.split(";", 1)[0];
  return Buffer.byteLength(pair) - (pair.includes("=") ? 1 : 0);
};

const received = [
  {
    id: "control characters",
    reason: "User agents ignore the whole cookie (RFC 6265bis section 5.6, step 1).",
    peers: ["cookie", "set-cookie-parser", "tough-cookie"],
    zone: (line) => CONTROL.test(line),
    example: { input: "sid=1\x7f", ours: null, theirs: { ...SID, value: "1\x7f" } },
  },
  {
    id: "over 4,096 octets",
    reason: "User agents ignore the whole cookie (section 5.6, step 5).",
    peers: ["cookie", "set-cookie-parser", "tough-cookie"],
    zone: (line) => size(line) > 4096,
    example: { input: `sid=${"v".repeat(4094)}`, ours: null, theirs: { ...SID, value: "v".repeat(4094) } },
  },
  {
    id: "neither name nor value",
    reason: "User agents ignore the whole cookie (section 5.7, step 2).",
    peers: ["cookie", "tough-cookie"],
    zone: (line) => /^[\s=]*(;|$)/.test(line),
    example: { input: "=", ours: null, theirs: { ...SID, name: "", value: "" } },
  },
  {
    id: "attributes over 1,024 octets",
    reason: "User agents ignore the attribute (section 5.6, step 6 of the attributes).",
    peers: ["cookie", "set-cookie-parser", "tough-cookie"],
    fields: ["path", "domain"],
    zone: (line) => has(line, (_, value) => Buffer.byteLength(value) > 1024),
    example: {
      input: `sid=1; Path=/${"p".repeat(1024)}`,
      ours: SID,
      theirs: { ...SID, path: `/${"p".repeat(1024)}` },
    },
  },
  {
    id: "Domain is put into its canonical form",
    reason: "Lower case and without one leading dot (section 5.6.3).",
    peers: ["cookie", "set-cookie-parser"],
    fields: ["domain"],
    zone: (line) => has(line, (name, value) => name === "domain" && /^\.|[A-Z]/.test(value)),
    example: {
      input: "sid=1; Domain=.Example.com",
      ours: { ...SID, domain: "example.com" },
      theirs: { ...SID, domain: ".Example.com" },
    },
  },
  {
    id: "a Path that is not absolute is none",
    reason: "User agents take the default path instead (section 5.6.4).",
    peers: ["cookie", "set-cookie-parser"],
    fields: ["path"],
    zone: (line) => has(line, (name, value) => name === "path" && !value.startsWith("/")),
    example: { input: "sid=1; Path=x", ours: SID, theirs: { ...SID, path: "x" } },
  },
  {
    id: "dates are cookie-dates",
    reason: "The algorithm of section 5.1.1, not the Date constructor of JavaScript.",
    peers: ["cookie", "set-cookie-parser"],
    fields: ["expires"],
    zone: (line) => has(line, (name, value) => name === "expires" && !isPlainDate(value)),
    example: {
      input: "sid=1; Expires=Wed, 25 Jun 1996 24:00:00 GMT",
      ours: SID,
      theirs: { ...SID, expires: 835747200 },
    },
  },
  {
    id: "an empty Domain is none",
    reason: "The cookie belongs to the host alone (section 5.7, steps 7 and 10).",
    peers: ["cookie", "set-cookie-parser"],
    fields: ["domain"],
    zone: (line) => has(line, (name, value) => name === "domain" && value === ""),
    example: { input: "sid=1; Domain=", ours: SID, theirs: { ...SID, domain: "" } },
  },
  {
    id: "an empty Domain takes back an earlier one",
    reason: "The last Domain counts (section 5.7, step 7).",
    peers: ["tough-cookie"],
    fields: ["domain"],
    zone: (line) => has(line, (name, value) => name === "domain" && /^\.?$/.test(value)),
    example: { input: "sid=1; Domain=a.com; Domain=", ours: SID, theirs: { ...SID, domain: "a.com" } },
  },
  {
    id: "an unknown SameSite takes back an earlier one",
    reason: "The last SameSite counts (section 5.7, step 17).",
    peers: ["cookie"],
    fields: ["same_site"],
    zone: (line) => has(line, (name, value) => name === "samesite" && !/^(strict|lax|none)$/i.test(value)),
    example: { input: "sid=1; SameSite=Lax; SameSite=x", ours: SID, theirs: { ...SID, same_site: "Lax" } },
  },
  {
    id: "Max-Age has 64 bits",
    reason: "It saturates; user agents stop at 400 days anyhow.",
    peers: ["cookie", "set-cookie-parser", "tough-cookie"],
    fields: ["max_age"],
    zone: (line) => has(line, (name, value) => name === "max-age" && value.length > 18),
    example: {
      input: "sid=1; Max-Age=99999999999999999999",
      ours: { ...SID, max_age: 2 ** 63 },
      theirs: { ...SID, max_age: 1e20 },
    },
  },
  {
    id: "names of Object.prototype are names like others",
    reason: "set-cookie-parser protects its callers' objects and drops such cookies.",
    peers: ["set-cookie-parser"],
    zone: (line) => line.split(/[=;]/, 1)[0].trim() in {},
    example: { input: "toString=1", ours: { ...SID, name: "toString" }, theirs: null },
  },
  {
    id: "only SP and TAB are trimmed",
    reason: "Section 5.6, step 4; a no-break space belongs to the name or value.",
    peers: ["tough-cookie"],
    fields: ["name", "value", "*"],
    zone: (line) => /\u00a0/.test(line),
    example: { input: "\u00a0sid=1", ours: { ...SID, name: "\u00a0sid" }, theirs: SID },
  },
  {
    id: "a TAB may stand within",
    reason: "Section 5.6, step 1, excludes it from the control characters. (RuleSet::Browsers refuses it.)",
    peers: ["tough-cookie"],
    zone: (line) => line.split(";", 1)[0].trim().includes("\t"),
    example: { input: "sid=1\t2", ours: { ...SID, value: "1\t2" }, theirs: null },
  },
  {
    id: "a leading equals sign means an empty name",
    reason: "Section 5.6, step 3. A name made of the value could pass for another cookie.",
    peers: ["tough-cookie"],
    fields: ["name", "value"],
    zone: (line) => /^\s*=[^;]*=/.test(line),
    example: { input: "=sid=1", ours: { ...SID, name: "", value: "sid=1" }, theirs: SID },
  },
].flatMap(({ peers, ...difference }) =>
  peers.map((peer) => ({ kind: "set-cookie-parse", peer, ...difference })),
);

/** An IMF-fixdate of a day and a time that exist, since 1601. */
function isPlainDate(value) {
  const date = new Date(value);
  return (
    IMF_FIXDATE.test(value) && date.getUTCFullYear() > 1600 && date.toUTCString().slice(5) === value.slice(5)
  );
}

const NOW = Math.floor(Date.now() / 1000);
const HERE = "https://a.com/";
const jarCase = (received, at = HERE) => ({ now: NOW, received, set_url: at, get_url: at });
const cookies = (...pairs) =>
  pairs.map((pair) => pair.split("=", 2)).map(([name, value]) => ({ name, value }));
const nameOf = (line) => (line.split(";", 1)[0].includes("=") ? line.split("=", 1)[0].trim() : "");
const some = (wanted) => (input) => input.received.some(wanted);
const lacksSecure = (line) => !has(line, (name) => name === "secure");

/** Whether two lines name the same cookie, the second one after the first, and `wanted` holds for them. */
const somePair = (wanted) => (input) =>
  input.received.some((first, index) =>
    input.received
      .slice(index + 1)
      .some((later) => nameOf(first) === nameOf(later) && wanted(first, later, input)),
  );

const isRemoval = (line) =>
  has(line, (name, value) => /^(max-age|expires)$/.test(name) && /^(0|-\d+|\w+, .* 1970 .*)$/.test(value));
const namesItsHost = (line, { set_url: url }) =>
  attributes(line)
    .findLast(([name]) => name === "domain")?.[1]
    .replace(/^\./, "")
    .toLowerCase() === new URL(url).hostname;

const jar = [
  {
    id: "neither name nor value",
    reason: "User agents ignore such a cookie (section 5.7, step 2).",
    zone: some((line) => /^[\s=]*(;|$)/.test(line)),
    example: { input: jarCase(["="]), ours: [], theirs: [{ name: "", value: "" }] },
  },
  {
    id: "prefixes in any letter case, and __Http-",
    reason:
      "Section 5.7, steps 20 to 22, and the layered-cookies draft; tough-cookie knows two prefixes, as written.",
    zone: some((line) => /^=?__(secure|host|http)-/i.test(line) && !/^__(Secure|Host)-(?!Http-)/.test(line)),
    example: {
      input: jarCase(["__host-a=1", "__Http-b=1; Secure"]),
      ours: [],
      theirs: cookies("__host-a=1", "__Http-b=1"),
    },
  },
  {
    id: "Partitioned needs Secure",
    reason: "Browsers refuse it; tough-cookie does not know the attribute.",
    zone: some((line) => has(line, (name) => name === "partitioned") && lacksSecure(line)),
    example: { input: jarCase(["a=1; Partitioned"]), ours: [], theirs: cookies("a=1") },
  },
  {
    id: "SameSite=None needs Secure",
    reason: "Section 5.7, step 19.",
    zone: some(
      (line) => has(line, (name, value) => name === "samesite" && /none/i.test(value)) && lacksSecure(line),
    ),
    example: { input: jarCase(["a=1; SameSite=None"]), ours: [], theirs: cookies("a=1") },
  },
  {
    id: "host-only cookies are cookies of their own",
    reason:
      "A cookie for the host alone and one with Domain do not replace each other (section 5.7, step 23).",
    zone: somePair((first, later, input) => namesItsHost(first, input) !== namesItsHost(later, input)),
    example: {
      input: jarCase(["a=1", "a=2; Domain=a.com"]),
      ours: cookies("a=1", "a=2"),
      theirs: cookies("a=2"),
    },
  },
  {
    id: "an expired cookie leaves nothing behind",
    reason:
      "It is evicted at once, so a later one of its name is new and goes last (section 5.7, after step 24).",
    zone: somePair((first) => isRemoval(first)),
    example: {
      input: jarCase(["a=1; Max-Age=0", "b=2", "a=3"]),
      ours: cookies("b=2", "a=3"),
      theirs: cookies("a=3", "b=2"),
    },
  },
  {
    id: "a public suffix may set cookies for itself",
    reason: "Domain is then ignored (section 5.7, step 9); tough-cookie refuses the cookie.",
    zone: (input) =>
      new URL(input.set_url).hostname === "co.uk" && some((line) => /domain=/i.test(line))(input),
    example: { input: jarCase(["a=1; Domain=co.uk"], "https://co.uk/"), ours: cookies("a=1"), theirs: [] },
  },
  {
    id: "a leading equals sign means an empty name",
    reason: "Section 5.6, step 3.",
    zone: some((line) => /^\s*=[^;]*=/.test(line)),
    example: { input: jarCase(["=a=1"]), ours: [{ name: "", value: "a=1" }], theirs: cookies("a=1") },
  },
  {
    id: "an empty Domain takes back an earlier one",
    reason: "The last Domain counts (section 5.7, step 7).",
    zone: some((line) => has(line, (name, value) => name === "domain" && value === "")),
    example: {
      input: { ...jarCase(["a=1; Domain=a.com; Domain="]), get_url: "https://b.a.com/" },
      ours: [],
      theirs: cookies("a=1"),
    },
  },
  {
    id: "paths are not decoded",
    reason: "They are compared octet by octet (section 5.1.4); tough-cookie decodes the URL's.",
    zone: (input) => /%/.test(input.set_url + input.get_url),
    example: { input: jarCase(["a=1; Path=/A"], "https://a.com/%41"), ours: [], theirs: cookies("a=1") },
  },
].map((difference) => ({ kind: "jar", peer: "tough-cookie", ...difference }));

export const DELIBERATE = [...jar, ...header07, ...received, ...serializeBoth, ...serialize07, ...serialize2];
