import { cookies } from "twinjar";
export const get = (name) => cookies.get(name);
export const getAll = () => cookies.getAll();
export const set = (name, value) => cookies.set(name, value);
export const remove = (name) => cookies.remove(name);
