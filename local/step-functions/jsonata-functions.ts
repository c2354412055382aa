import { createHash, randomUUID } from "node:crypto";
import jsonata from "jsonata";

/** What an expression may ask of the world. */
export interface Surroundings {
  now: number;
  random(): number;
}

const algorithms: Record<string, string> = { MD5: "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };
const largestRange = 1_000_000;
const formatMillis = jsonata("$fromMillis($at, $picture, $zone)");

/** Functions that Step Functions adds to JSONata, and the clock's, bound for one evaluation. `$eval` is taken away. */
export function stepFunctions(surroundings: Surroundings): Record<string, unknown> {
  return {
    partition,
    range,
    hash,
    random: (seed?: number) => (seed === undefined ? surroundings.random() : seeded(seed)),
    uuid: () => randomUUID(),
    parse: (text?: string) => (text === undefined ? undefined : JSON.parse(text)),
    now: (picture?: string, zone?: string) => formatMillis.evaluate(undefined, { at: surroundings.now, picture, zone }),
    millis: () => surroundings.now,
    eval: undefined,
  };
}

function partition(items: unknown, size: unknown): unknown {
  if (items === undefined) return undefined;
  const list = Array.isArray(items) ? [...items] : [items];
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1)
    throw new Error(`$partition needs a positive integer as size, got ${JSON.stringify(size)}`);
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}

/** A JSONata sequence, as on AWS: a single element is returned bare. */
function range(first: unknown, last: unknown, delta: unknown): unknown {
  for (const [name, value] of Object.entries({ first, last, delta }))
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new Error(`$range needs a number as ${name}, got ${JSON.stringify(value)}`);
  const [from, to, step] = [first as number, last as number, delta as number];
  if (step === 0) throw new Error("$range needs a delta other than 0");
  const length = Math.max(0, Math.floor((to - from) / step) + 1);
  if (length > largestRange) throw new Error(`$range would have ${length} elements, at most ${largestRange} are allowed`);
  return Object.assign(
    Array.from({ length }, (_, index) => from + index * step),
    { sequence: true },
  );
}

function hash(data: unknown, algorithm: unknown): string | undefined {
  if (data === undefined) return undefined;
  const name = algorithms[String(algorithm)];
  if (name === undefined) throw new Error(`$hash knows ${Object.keys(algorithms).join(", ")}, got ${JSON.stringify(algorithm)}`);
  return createHash(name)
    .update(typeof data === "string" ? data : JSON.stringify(data))
    .digest("hex");
}

/** The same number in [0, 1) for the same seed. */
function seeded(seed: unknown): number {
  if (typeof seed !== "number") throw new Error(`$random needs a number as seed, got ${JSON.stringify(seed)}`);
  return createHash("sha256").update(String(seed)).digest().readUIntBE(0, 6) / 2 ** 48;
}
