// The floor: what the browser itself takes. It decodes nothing and finds nothing.
export const get = () => document.cookie;
export const getAll = get;
export const set = (name, value) => (document.cookie = `${name}=${value}; path=/`);
export const remove = (name) => (document.cookie = `${name}=; path=/; max-age=0`);
