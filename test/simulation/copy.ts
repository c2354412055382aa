/**
 * A deep copy of plain data. Everything that record, cluster and interpreter keep is JSON, for which this takes a fifth
 * of the time of `structuredClone`, and a simulation makes little else than copies.
 */
export function copy<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, copy(item)])) as T;
  if (value instanceof Set) return new Set(value) as T;
  const made: Record<string, unknown> = {};
  for (const name in value) made[name] = copy(value[name]);
  return made as T;
}

/** Of what one store keeps into another of its kind. */
export function copyInto<T extends object>(target: T, source: T): void {
  for (const [field, value] of Object.entries(source))
    if (value instanceof Map || value instanceof Set || Array.isArray(value)) Object.assign(target, { [field]: copy(value) });
}

/** Off where runs are made by the thousand: the tests, which keep it on, have shown that nobody changes anything. */
export const freezing = { isOn: true };

/** What is given out to many at once must not be changed by one of them. */
export function frozen<T>(value: T): T {
  if (!freezing.isOn || value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
  for (const name in value) frozen(value[name]);
  return Object.freeze(value);
}
