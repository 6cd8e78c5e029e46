import * as Cookies from "es-cookie";
export const get = (name) => Cookies.get(name);
export const getAll = () => Cookies.getAll();
export const set = (name, value) => Cookies.set(name, value, { path: "/" });
export const remove = (name) => Cookies.remove(name, { path: "/" });
