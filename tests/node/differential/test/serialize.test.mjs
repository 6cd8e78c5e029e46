// Building Set-Cookie, against the package that Express builds it with.
import { compare } from "../lib/compare.mjs";
import { serializations } from "../lib/generate.mjs";
import { serialize07, serialize2 } from "../lib/peers.mjs";
import { CASES } from "../lib/random.mjs";

const all = {
  name: "a",
  value: "b",
  max_age: 60,
  domain: "example.com",
  path: "/",
  expires: 784111777,
  http_only: true,
  secure: true,
  partitioned: true,
  priority: "High",
  same_site: "None",
};
const inputs = [all, { name: "a", value: "b" }, { name: "", value: "" }, ...serializations(CASES)];

compare({ kind: "serialize", peer: "cookie@0.7.2", inputs, theirs: serialize07 });
compare({ kind: "serialize", peer: "cookie", inputs, theirs: serialize2 });
