// What browsers refuse or change without a word, row by row: the tests of each browser go through them.

import { serve } from "./server.mjs";

export const server = await serve({
  routes: {
    "/http-only": (_, response) => response.setHeader("Set-Cookie", "sid=1; Path=/; HttpOnly").end(),
  },
});
export const LOCAL = server.at() + "/app/page";
export const INSECURE = server.at("shop.example");

const X = "x".repeat(5000);

/** A page's address, the bare line, the same through the package, and the code that is to come. */
export const DROPPED = [
  ["name and value over 4096 bytes", LOCAL, "a=" + X, ["a", X], "too_large"],
  ["a control character", LOCAL, "a=b\u0001c", ["a", "b\u0001c", { raw: true }], "control_character"],
  ["a line feed", LOCAL, "a=b\nc", ["a", "b\nc", { raw: true }], "control_character"],
  ["a control character in the name", LOCAL, "a\u007F=b", ["a\u007F", "b"], "control_character"],
  ["a TAB", LOCAL, "a=b\tc", ["a", "b\tc", { raw: true }], "tab"],
  ["no name and no value", LOCAL, "=", ["", ""], "empty"],
  ["a nameless value with =", LOCAL, "=a=b", ["", "a=b", { raw: true }], "nameless_equals"],
  ["a nameless value with a prefix", LOCAL, "=__Secure-a", ["", "__Secure-a"], "nameless_prefix"],
  ["HttpOnly from a script", LOCAL, "a=b; HttpOnly", ["a", "b", { httpOnly: true }], "http_only_from_script"],
  ["Secure on plain http", INSECURE, "a=b; Secure", ["a", "b", { secure: true }], "secure_over_insecure"],
  ["SameSite=None without Secure", LOCAL, "a=b; SameSite=None", ["a", "b", { sameSite: "none" }], "same_site_none_without_secure"],
  ["Partitioned without Secure", LOCAL, "a=b; Partitioned", ["a", "b", { partitioned: true }], "partitioned_without_secure"],
  ["__Secure- without Secure", LOCAL, "__Secure-a=b", ["__Secure-a", "b"], "secure_prefix"],
  ["__SECURE- without Secure", LOCAL, "__SECURE-a=b", ["__SECURE-a", "b"], "secure_prefix"],
  ["__Host- without Secure", LOCAL, "__Host-a=b; Path=/", ["__Host-a", "b"], "host_prefix"],
  ["__Host- with another path", LOCAL, "__Host-a=b; Secure; Path=/app", ["__Host-a", "b", { secure: true, path: "/app" }], "host_prefix"],
  ["__Host- with Domain", server.at("shop.localhost"), "__Host-a=b; Secure; Path=/; Domain=shop.localhost", ["__Host-a", "b", { secure: true, domain: "shop.localhost" }], "host_prefix"],
  ["__Http- from a script", LOCAL, "__Http-a=b; Secure; Path=/", ["__Http-a", "b", { secure: true }], "http_prefix"],
  ["__Host-Http- from a script", LOCAL, "__Host-Http-a=b; Secure; Path=/", ["__Host-Http-a", "b", { secure: true }], "host_http_prefix"],
  ["a foreign Domain", INSECURE, "a=b; Domain=other.example", ["a", "b", { domain: "other.example" }], "domain_foreign"],
  ["a child of the host as Domain", INSECURE, "a=b; Domain=www.shop.example", ["a", "b", { domain: "www.shop.example" }], "domain_child"],
  ["a top-level Domain", INSECURE, "a=b; Domain=example", ["a", "b", { domain: "example" }], "domain_public_suffix"],
  ["a public suffix as Domain", server.at("shop.github.io"), "a=b; Domain=github.io", ["a", "b", { domain: "github.io" }], "domain_public_suffix"],
  ["a Domain with a port", INSECURE, "a=b; Domain=shop.example:80", ["a", "b", { domain: "shop.example:80" }], "domain_port"],
  ["a Domain with a trailing dot", INSECURE, "a=b; Domain=shop.example.", ["a", "b", { domain: "shop.example." }], "domain_trailing_dot"],
];

/** What browsers store otherwise than asked for; the package does not write such a line. */
export const CHANGED = [
  ["an attribute over 1024 bytes", `a=b; Path=/${"x".repeat(1024)}`, { path: "/app" }, ["a", "b", { path: "/" + "x".repeat(1024) }], "attribute_too_long"],
  ["text after a semicolon", "a=b;c", { value: "b" }, ["a", "b;c", { raw: true }], "separator"],
  ["a relative Path", "a=b; Path=page", { path: "/app" }, ["a", "b", { path: "page" }], "path_not_absolute"],
  ["a date that is none", "a=b; Expires=soon", { expires: -1 }, ["a", "b", { expires: "soon" }], "invalid_option"],
  ["an unknown SameSite", "a=b; SameSite=Loose", { sameSite: "Lax" }, ["a", "b", { sameSite: "loose" }], "invalid_option"],
];

/** Runs in a page: sets cookies whose names have a prefix, as another script would, and has the package remove them. */
export function removePrefixed() {
  const set = () => {
    for (const name of ["__Host-a", "__SECURE-b", "c"]) document.cookie = `${name}=1; Path=/; Secure`;
    return document.cookie;
  };
  return [set(), twinjar.cookies.remove("__Host-a"), set(), twinjar.cookies.clear().removed, document.cookie];
}

export const PREFIXED_REMOVED = [
  "__Host-a=1; __SECURE-b=1; c=1",
  true,
  "__SECURE-b=1; c=1; __Host-a=1",
  ["__SECURE-b", "c", "__Host-a"],
  "",
];
