import Cookies from "universal-cookie";
const cookies = new Cookies(null, { path: "/" });
export const get = (name) => cookies.get(name, { doNotParse: true });
export const getAll = () => cookies.getAll({ doNotParse: true });
export const set = (name, value) => cookies.set(name, value);
export const remove = (name) => cookies.remove(name);
