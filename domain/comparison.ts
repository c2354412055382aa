/** One field in which two values differ, by dotted path; undefined where it is absent. */
export interface Difference {
  path: string;
  before: unknown;
  after: unknown;
}

/** Every field in which two JSON values differ, in the order of their names. Lists are compared by position. */
export function compare(before: unknown, after: unknown, path = ""): Difference[] {
  if (Object.is(before, after)) return [];
  if (!isNested(before) || !isNested(after) || Array.isArray(before) !== Array.isArray(after)) return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => compare(before[name], after[name], path === "" ? name : `${path}.${name}`));
}

const isNested = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
