// A seeded generator, so that every failure can be repeated: TWINJAR_SEED=… npm test

export const SEED = Number(process.env.TWINJAR_SEED || Math.floor(Math.random() * 2 ** 31));

/** How many cases each comparison generates. */
export const CASES = Number(process.env.TWINJAR_CASES || 5000);

export class Random {
  #state;

  /** `stream` keeps the comparisons independent of each other's use of the generator. */
  constructor(stream, seed = SEED) {
    this.#state = seed >>> 0;
    for (const character of stream)
      this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193);
  }

  /** A whole number from 0 to below `limit` (mulberry32). */
  below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  /** True once in `n` times. */
  once(n) {
    return this.below(n) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** From `least` to `most` results of `make`. */
  many(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, () => make());
  }

  /** Text of up to `most` characters of `alphabet`. */
  text(alphabet, most) {
    return this.many(0, most, () => this.pick(alphabet)).join("");
  }
}
