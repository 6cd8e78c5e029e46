import Cookies from "js-cookie";
export const get = (name) => Cookies.get(name);
export const getAll = () => Cookies.get();
export const set = (name, value) => Cookies.set(name, value);
export const remove = (name) => Cookies.remove(name);
