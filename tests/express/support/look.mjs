// What a step of a session leaves behind, in a form in which two servers can be compared.

import { parseLine } from "./visitor.mjs";

const SECOND = 1000;

/** The record in Redis, with moments as distances from now. */
export async function stored(redis, prefix, id) {
  const key = prefix + id;
  const [text, ttl] = await Promise.all([redis.client.get(key), redis.client.ttl(key)]);
  if (text === null) return null;
  const { cookie, ...data } = JSON.parse(text);
  const keys = Object.keys(cookie);
  // Express takes it back from a date, and may lose a millisecond with that.
  if (cookie.originalMaxAge) cookie.originalMaxAge = Math.round(cookie.originalMaxAge / SECOND) * SECOND;
  if (cookie.expires) cookie.expires = `in ${Math.round((new Date(cookie.expires) - Date.now()) / SECOND)} s`;
  return { cookie, keys, data, order: Object.keys(JSON.parse(text)), ttl: Math.round(ttl / 5) * 5 };
}

/** A `Set-Cookie` line without what differs from session to session. */
export function line(text) {
  const { name, attributes } = parseLine(text);
  const moments = attributes.map((attribute) => {
    if (!attribute.startsWith("Expires=")) return attribute;
    const date = new Date(attribute.slice("Expires=".length));
    // A cookie's date has whole seconds, and a machine may be slow.
    return date.getTime() <= SECOND ? "Expires=the past" : `Expires=in ${Math.round((date - Date.now()) / SECOND / 5) * 5} s`;
  });
  return [name, ...moments].join("; ");
}
