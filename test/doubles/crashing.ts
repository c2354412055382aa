/** What a process meets when it is killed: nobody catches it by name. */
export class Crash extends Error {
  constructor(call: string) {
    super(`crashed at ${call}`);
    this.name = "Crash";
  }
}

/**
 * A port whose user dies at the n-th call (from 1) that `counts`: before it had its effect, or after, with the reply
 * lost. Every later call dies too: the process is gone.
 */
export function crashing<T extends object>(target: T, at: number, when: "before" | "after", counts: (method: string) => boolean): T {
  let calls = 0;
  return new Proxy(target, {
    get(object, property) {
      const value = Reflect.get(object, property, object) as unknown;
      if (typeof value !== "function" || typeof property !== "string") return value;
      if (!counts(property)) return value.bind(object);
      return async (...given: unknown[]) => {
        calls += 1;
        if (calls > at || (calls === at && when === "before")) throw new Crash(property);
        const result = await value.apply(object, given);
        if (calls === at) throw new Crash(property);
        return result;
      };
    },
  });
}
