// It parses and builds only; what a page writes with it is the rest.
import { parseCookie, stringifySetCookie } from "cookie";
export const get = (name) => parseCookie(document.cookie)[name];
export const getAll = () => parseCookie(document.cookie);
export const set = (name, value) => (document.cookie = stringifySetCookie({ name, value, path: "/" }));
export const remove = (name) => (document.cookie = stringifySetCookie({ name, value: "", path: "/", maxAge: 0 }));
