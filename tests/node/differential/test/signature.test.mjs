// Signed values, against the package that Express signs with.
import { compare } from "../lib/compare.mjs";
import { signatures } from "../lib/generate.mjs";
import { sign, unsign } from "../lib/peers.mjs";
import { CASES, Random } from "../lib/random.mjs";

const inputs = [{ value: "hello", secret: "tobiiscool" }, { value: "", secret: "k" }, ...signatures(CASES)];

compare({ kind: "cookie-sign", peer: "cookie-signature", inputs, theirs: sign });

const random = new Random("damage");
const signed = inputs.map((input) => {
  const { value, secret } = input;
  const whole = sign(input);
  const characters = [...whole];
  const at = random.below(characters.length);
  const [cut, gap] = [characters.slice(0, at), characters.toSpliced(at, 1)].map((list) => list.join(""));
  const damaged = [
    whole,
    whole,
    `${whole}=`,
    `${whole} `,
    cut,
    gap,
    value,
    `.${whole}`,
    whole.replace("+", "-"),
    whole.toLowerCase(),
  ];
  const secrets = random.once(3) ? ["another", secret] : [secret];
  return { signed: random.pick(damaged), secrets: random.once(8) ? ["another"] : secrets };
});

compare({ kind: "cookie-unsign", peer: "cookie-signature", inputs: signed, theirs: unsign });
