import type { InputError } from "../domain/errors.ts";

/** What any body must keep to (its size is the HTTP wrapper's) before its fields are looked at. */
export const jsonLimits = { depth: 20, values: 10_000 } as const;

/** Whether the record keeps a number as it is: DynamoDB's range is smaller than that of doubles. */
export const isKept = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126);
export const keptNumbers = "a number that can be kept: 0, or from 1e-130 to 9.9e125 either way";

/**
 * The first thing in a JSON value that no schema could take: too deep, too many values, a key that would change an
 * object's prototype or is empty, half of a surrogate pair (which would be stored as another text), a number that would be
 * stored as another one. undefined when there is none.
 */
export function beyondLimits(value: unknown): InputError | undefined {
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: "", depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, depth } = next;
    if (++seen > jsonLimits.values) return { path: "", message: `at most ${jsonLimits.values} values in one body` };
    if (typeof next.value === "string" && !next.value.isWellFormed())
      return { path, message: "not well-formed Unicode: half of a surrogate pair" };
    if (typeof next.value === "bigint")
      return {
        path,
        message: "an integer that would be rounded, for JSON's numbers are doubles here: give one that a double holds, or a text",
      };
    if (typeof next.value === "number" && !isKept(next.value)) return { path, message: keptNumbers };
    if (typeof next.value !== "object" || next.value === null) continue;
    if (depth >= jsonLimits.depth) return { path, message: `nested deeper than ${jsonLimits.depth} levels` };
    for (const [key, child] of Object.entries(next.value)) {
      if (key === "__proto__" || !key.isWellFormed())
        return { path, message: "a key that cannot be stored: __proto__, or half of a surrogate pair" };
      if (key === "") return { path: `${path}.`, message: "a key that cannot be stored: an empty one" };
      if (key === "constructor" && namesAType(child))
        return { path, message: "a key that cannot be stored: constructor with a name in it" };
      open.push({ value: child, path: path === "" ? key : `${path}.${key}`, depth: depth + 1 });
    }
  }
  return undefined;
}

/** DynamoDB's SDK would take the object around it for a value of that type (`{"constructor": {"name": "Set"}}`). */
const namesAType = (value: unknown): boolean => typeof value === "object" && value !== null && Object.hasOwn(value, "name");
