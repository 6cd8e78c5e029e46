// One state of a jar: a header, cut into cookies once, each value decoded when it is first asked for.

import { named } from "./error.js";

export class Snapshot {
  #positions;
  #names = [];
  #values = [];
  #first = new Map();
  #record;

  constructor(engine, header) {
    this.header = header;
    const positions = (this.#positions = header ? engine.parse(header) : []);
    for (let i = 0; i < positions.length; i += 4) {
      const name = header.slice(positions[i], positions[i + 1]);
      if (!this.#first.has(name)) this.#first.set(name, this.#names.length);
      this.#names.push(name);
    }
  }

  has(name) {
    return this.#first.has(name);
  }

  /** The decoded value of the first cookie of this name. */
  get(name) {
    const index = this.#first.get(name);
    return index === undefined ? undefined : this.#value(index);
  }

  /** The decoded values of all cookies of this name; without a name, a new record of all cookies. */
  getAll(name) {
    if (name === undefined) return this.#toRecord();
    named(name);
    return this.#names.flatMap((found, i) => (found === name ? this.#value(i) : []));
  }

  /** How many cookies have this name and this value, as it is written in the header. */
  count(name, raw) {
    return this.#names.filter((found, i) => found === name && this.#raw(i) === raw).length;
  }

  /** The names, without duplicates, in the header's order. */
  names() {
    return this.#first.keys();
  }

  // The first value of each name. The record has no prototype, so every name is an ordinary one.
  #toRecord() {
    if (!this.#record) {
      this.#record = { __proto__: null };
      for (const [name, index] of this.#first) this.#record[name] = this.#value(index);
    }
    return { __proto__: null, ...this.#record };
  }

  #raw(index) {
    return this.header.slice(this.#positions[4 * index + 2], this.#positions[4 * index + 3]);
  }

  #value(index) {
    return (this.#values[index] ??= decode(this.#raw(index)));
  }
}

/** Undoes percent-encoding; a value that somebody else wrote without it is given as it is. */
function decode(raw) {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
