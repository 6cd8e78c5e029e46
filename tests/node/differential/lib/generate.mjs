// Inputs that are likely to be read differently: pieces of headers in all combinations.
import { Random } from "./random.mjs";

const NAMES = ["a", "b", "sid", "toString", "1", "A", "x-y", "é", ""];
const VALUES = ["1", "dark", "", "a b", '"q"', '"', "a=b", "%41", "%zz", "é", "x,y", "0", "\\", "s:v.m", "'"];
const SPACES = ["", "", "", "", " ", "\t", "  "];

/** Mostly from `usual`, at times from `odd`. */
function mostly(random, usual, odd) {
  return random.once(12) ? random.pick(odd) : random.pick(usual);
}

export function cookieHeaders(count) {
  const random = new Random("cookie headers");
  const part = () => {
    if (random.once(8)) return random.text(["a", "=", " ", "\t", '"', ";", "é", "\u00a0", "%"], 8);
    return [
      random.pick(SPACES),
      mostly(random, NAMES, ["__proto__"]),
      random.pick(SPACES),
      "=",
      random.pick(SPACES),
      random.pick(VALUES),
      random.pick(SPACES),
    ].join("");
  };
  return Array.from({ length: count }, () => random.many(0, 6, part).join(random.once(6) ? ";" : "; "));
}

export function setCookies(count) {
  const random = new Random("set-cookies");
  return Array.from({ length: count }, () => setCookie(random));
}

function setCookie(random) {
  const name = mostly(
    random,
    ["a", "sid", "x-y", "A", "1"],
    ["", "é", "toString", "a b", "__Host-a", "\u00a0a"],
  );
  const value = mostly(
    random,
    ["1", "dark", "", '"q"', "a=b", "%41"],
    ["a b", "é", "a\tb", "\u00a0", "v".repeat(4096)],
  );
  const pair = mostly(random, [`${name}=${value}`], [name, ` ${name} = ${value} `, "=", `=${value}`]);
  const attributes = random.many(0, 5, () => attribute(random));
  const line = [pair, ...attributes].join(mostly(random, ["; "], [";", " ;\t", ";;"]));
  return mostly(random, [line], [`${line};`, `${line}\r\n`, `${line}\0x`, `${line}; ${"x".repeat(1025)}=y`]);
}

function attribute(random) {
  const name = random.pick([
    "Path",
    "Domain",
    "Max-Age",
    "Expires",
    "SameSite",
    "Secure",
    "HttpOnly",
    "Foo",
    "path",
    "DOMAIN",
  ]);
  const spelled = mostly(random, [name], [name.toLowerCase(), ` ${name} `, `${name} `]);
  switch (name.toLowerCase()) {
    case "path":
      return `${spelled}=${mostly(random, ["/", "/x", "/x/y"], ["", "x", "/é", " /", `/${"p".repeat(1024)}`, "/a=b"])}`;
    case "domain":
      return `${spelled}=${mostly(random, ["example.com", "a.example.com"], ["", ".", ".example.com", "EXAMPLE.com", "..a", "é.com", "a.:1"])}`;
    case "max-age":
      return `${spelled}=${mostly(random, ["60", "0", "-1", "34560000"], ["", "+1", "1.5", "1e3", "0x1", "--1", "99999999999999999999", "-0", "007", " 5"])}`;
    case "expires":
      return `${spelled}=${date(random)}`;
    case "samesite":
      return `${spelled}=${mostly(random, ["Lax", "Strict", "None"], ["lax", "NONE", "", "x", "Lax "])}`;
    default:
      return mostly(random, [spelled], [`${spelled}=`, `${spelled}=false`, `=${spelled}`, ""]);
  }
}

export function dates(count) {
  const random = new Random("dates");
  return Array.from({ length: count }, () => date(random));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function date(random) {
  const two = (limit) => String(random.below(limit)).padStart(2, "0");
  const day = mostly(random, [two(32), two(32)], ["0", "9", "32", "1st", "029", "٣"]);
  const month = mostly(random, MONTHS, ["january", "DEC", "mai", "junx", "13"]);
  const year = mostly(
    random,
    [String(1970 + random.below(130))],
    ["70", "69", "99", "00", "1600", "1601", "9999", "200", "20271", "2027x"],
  );
  const time = mostly(
    random,
    [`${two(24)}:${two(60)}:${two(60)}`],
    ["1:2:3", "24:00:00", "23:60:00", "23:59:60", "12:00", "1:2:3x", "1:2:345", "10:10:10.5"],
  );
  const parts = mostly(
    random,
    [["Wed,", day, month, year, time, "GMT"]],
    [
      [month, day, time, year],
      [time, year, month, day],
      [`Wednesday, ${day}-${month}-${year}`, time, "GMT"],
      [day, month, year],
      [`${year}-${month}-${day}T${time}Z`],
      [day, day, month, year, time, time],
      [random.text(["1", "Jan", " ", ":", "-", "é", "99", "x"], 12)],
    ],
  );
  return parts.join(mostly(random, [" "], ["  ", "-", "\t", ",", "/"]));
}

export function serializations(count) {
  const random = new Random("serializations");
  const field = (usual, odd) => (random.once(2) ? undefined : mostly(random, usual, odd));
  return Array.from({ length: count }, () => ({
    name: mostly(
      random,
      ["a", "sid", "x-y", "a!#$%&'*+.^_`|~"],
      ["", "a b", "a=b", "a;b", "é", "a/b", "a\n", "__Host-a", "__secure-a", "[a]"],
    ),
    value: mostly(
      random,
      ["", "dark", "a=b", '"q"', "%41", "s:v.m/+"],
      ["a b", "a;b", '"', '"a', "a,b", "\\", "é", "a\n", "v".repeat(4096)],
    ),
    path: field(["/", "/x", "/x=y"], ["/x;y", "/é", "/\n", "x", "", "/ "]),
    domain: field(
      ["example.com", "a.b.example.com", "localhost"],
      [
        "",
        ".example.com",
        "example.com.",
        "a_b.com",
        "-a.com",
        "é.com",
        "a..b",
        `${"a".repeat(64)}.com`,
        `${"a.".repeat(127)}com`,
        "example.com:1",
      ],
    ),
    secure: field([true, false], [true]),
    http_only: field([true, false], [true]),
    partitioned: field([true, false], [false]),
    same_site: field(["Strict", "Lax", "None"], ["lax", "STRICT", "x"]),
    priority: field(["Low", "Medium", "High"], ["low", "x"]),
    max_age: field([0, 60, 34560000], [-1, -60]),
    expires: field([0, 784111777, 1800000000], [-1, 253402300799, 253402300800, -11644473600]),
  }));
}

export function signatures(count) {
  const random = new Random("signatures");
  const letters = ["a", "b", ".", "=", "/", "é", "😀", " ", "s:", "%", "\0"];
  return Array.from({ length: count }, () => ({
    value: random.text(letters, 10),
    secret: `k${random.text(letters, 6)}`,
  }));
}

export function domainPairs(count) {
  const random = new Random("domain pairs");
  const names = [
    "a.com",
    "b.a.com",
    "c.b.a.com",
    "xa.com",
    "com",
    "a.co",
    "127.0.0.1",
    "1.127.0.0.1",
    "0.0.1",
    "256.0.0.1",
    "::1",
    "::ffff:10.0.0.1",
    "10.0.0.1",
    "a.com.",
    ".a.com",
    "m",
    "",
    "a_b.com",
  ];
  return Array.from({ length: count }, () => ({ host: random.pick(names), domain: random.pick(names) }));
}

const PATH_PIECES = ["/", "/", "a", "b", "A", "%2F", "é", ".", "..", "?", "ab"];

export function pathPairs(count) {
  const random = new Random("path pairs");
  return Array.from({ length: count }, () => {
    const cookie = random.text(PATH_PIECES, 5);
    return {
      request: random.once(2) ? cookie + random.text(PATH_PIECES, 3) : random.text(PATH_PIECES, 5),
      cookie,
    };
  });
}

export function paths(count) {
  const random = new Random("paths");
  return Array.from({ length: count }, () => random.text(PATH_PIECES, 6));
}

export function jars(count, now) {
  const random = new Random("jars");
  const hosts = [
    "example.com",
    "a.example.com",
    "b.a.example.com",
    "example.co.uk",
    "other.org",
    "localhost",
    "127.0.0.1",
  ];
  const url = () => {
    const path = mostly(
      random,
      ["/", "/x", "/x/y", "/x/y/z"],
      ["", "/xy", "/x/", "/%41", "/x?/y", ":8080/x"],
    );
    return `${mostly(random, ["https", "http"], ["wss"])}://${mostly(random, hosts, ["co.uk"])}${path}`;
  };
  return Array.from({ length: count }, () => ({
    now,
    received: random.many(1, 6, () => jarLine(random)),
    set_url: url(),
    get_url: url(),
  }));
}

function jarLine(random) {
  const name = mostly(random, ["a", "b", "sid"], ["", "A", "__Host-a", "__Secure-a", "__host-a", "__Http-a"]);
  const value = mostly(random, ["1", "2", "3", ""], ["x=y", "é", '"q"']);
  const attributes = random.many(0, 3, () =>
    mostly(
      random,
      [
        "Path=/",
        "Path=/x",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=3600",
        "Domain=example.com",
        "Domain=a.example.com",
      ],
      [
        "Path=x",
        "Path=",
        "Max-Age=0",
        "Max-Age=-1",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=x",
        "SameSite=None",
        "Domain=",
        "Domain=com",
        "Domain=co.uk",
        "Domain=.example.com",
        "Domain=other.org",
        "Domain=EXAMPLE.co.uk",
        "Domain=127.0.0.1",
        "Domain=localhost",
        "Domain=0.0.1",
        "Domain=example.com.",
        "Partitioned",
        "Foo",
      ],
    ),
  );
  return [`${name}=${value}`, ...attributes].join("; ");
}
