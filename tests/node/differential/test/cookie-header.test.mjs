// The Cookie request header, against the package that Express reads it with.
import { compare } from "../lib/compare.mjs";
import { cookieHeaders } from "../lib/generate.mjs";
import { firstOfEachName, firstOfEachNameUnquoted, parseHeader07, parseHeader2 } from "../lib/peers.mjs";
import { CASES } from "../lib/random.mjs";

const kind = "cookie-header-parse";
const inputs = [
  "",
  ";",
  "=",
  "a",
  "a=",
  "=b",
  "a=b",
  "a=b; a=c",
  "a = b ; c",
  'a="b;c"',
  'a=""',
  "\u00a0a=1; a=2",
  "toString=1; hasOwnProperty=2",
  `${";".repeat(1000)}a=b`,
  `${"a;".repeat(1000)}a=b`,
  ...cookieHeaders(CASES),
];

compare({ kind, peer: "cookie@0.7.2", inputs, theirs: parseHeader07, ours: firstOfEachNameUnquoted });
compare({ kind, peer: "cookie", inputs, theirs: parseHeader2, ours: firstOfEachName });
