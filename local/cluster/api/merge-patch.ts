/** RFC 7396: null removes, objects merge, everything else replaces. Gives a new value; neither argument is changed. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without lists and without what begins with `$`, by which strategic merge patches say what is to become of lists. */
export const isPlain = (patch: unknown): boolean =>
  isObject(patch) ? Object.entries(patch).every(([key, value]) => !key.startsWith("$") && isPlain(value)) : !Array.isArray(patch);
