// Dates, matching and storing, against tough-cookie.
import { compare } from "../lib/compare.mjs";
import { dates, domainPairs, jars, pathPairs, paths } from "../lib/generate.mjs";
import { dateTough, defaultPathTough, domainMatchTough, jarTough, pathMatchTough } from "../lib/peers.mjs";
import { CASES } from "../lib/random.mjs";

const peer = "tough-cookie";

compare({
  kind: "cookie-date",
  peer,
  inputs: ["", "Sun, 06 Nov 1994 08:49:37 GMT", ...dates(CASES)],
  theirs: dateTough,
});
compare({ kind: "domain-match", peer, inputs: domainPairs(CASES), theirs: domainMatchTough });
compare({ kind: "path-match", peer, inputs: pathPairs(CASES), theirs: pathMatchTough });
compare({
  kind: "default-path",
  peer,
  inputs: ["", "/", "/a", "a", ...paths(CASES)],
  theirs: defaultPathTough,
});
// tough-cookie compares with the clock: lifetimes are much longer than a test runs.
compare({ kind: "jar", peer, inputs: jars(CASES, Math.floor(Date.now() / 1000)), theirs: jarTough });
