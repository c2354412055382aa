// biome-ignore lint/suspicious/noExplicitAny: what is lied about has many shapes
type Any = any;
export type Calls<T> = { [name in keyof T]?: T[name] };

/** A port that lies in some of its calls. */
export const lying = <T extends object>(port: T, calls: Calls<T>): T =>
  new Proxy(port, {
    get: (object, name) => {
      const value = (calls as Any)[name] ?? Reflect.get(object, name, object);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
