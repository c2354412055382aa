import type { KubernetesObject } from "./kubernetes.ts";
import type { Placement } from "./manifests/placement.ts";
import { isFixedSize, isHeld } from "./manifests/scaler.ts";
import { changeableObjects } from "./manifests/slot.ts";
import type { Drift } from "./observed.ts";
import type { Revision } from "./revision.ts";
import { isObject } from "./same-json.ts";

/** Of one slot; more would fill the record, and one is reason enough to look. */
const mostTold = 8;
const longestValue = 120;

/**
 * What differs in the cluster from what was made there: fields that we set and that somebody has changed since, objects
 * that are gone. What the cluster adds by itself is no drift. `objects` are the slot's Deployments and their autoscalers.
 */
export function driftOf(placement: Placement, objects: readonly KubernetesObject[]): Drift[] {
  // A slot may have been made before its digests were known.
  const { digests: _digests, ...unpinned } = placement.revision;
  const ways = [placement.revision, unpinned as Revision].map((revision) => differences({ ...placement, revision }, objects));
  return (ways.sort((one, other) => one.length - other.length)[0] ?? []).slice(0, mostTold);
}

function differences(placement: Placement, objects: readonly KubernetesObject[]): Drift[] {
  return changeableObjects(placement).flatMap((wanted) => {
    const object = `${wanted.kind}/${wanted.metadata.name}`;
    const found = objects.find(({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name);
    if (!found) return [{ object, field: "", expected: "present", found: "missing" }];
    return compare(settled(wanted, found), found.spec, "spec").map((difference) => ({ object, ...difference }));
  });
}

/** What is ours and others' to change while it runs is not compared: a size that is to be found, and the lower bound that operations hold. */
function settled(wanted: KubernetesObject, found: KubernetesObject): unknown {
  if (isFixedSize(wanted)) return wanted.spec;
  const { replicas: _replicas, behavior: _behavior, minReplicas, ...spec } = wanted.spec as Record<string, unknown>;
  if (wanted.kind !== "HorizontalPodAutoscaler") return spec;
  const { maxReplicas = 0, ...rest } = spec as { maxReplicas?: number };
  const { minReplicas: floor = 1, maxReplicas: ceiling = 0 } = found.spec as { minReplicas?: number; maxReplicas?: number };
  // An operation that keeps a size may have raised both.
  const isRaised = ceiling > maxReplicas && ceiling === floor;
  return { ...rest, ...(!isRaised && { maxReplicas }), ...(!isHeld(found) && floor > Number(minReplicas) && { minReplicas }) };
}

type Difference = Omit<Drift, "object">;

function compare(wanted: unknown, found: unknown, field: string): Difference[] {
  if (isNothing(wanted) && isNothing(found)) return [];
  if (Array.isArray(wanted)) return compareLists(wanted, Array.isArray(found) ? found : [], field);
  if (isObject(wanted)) {
    const other = isObject(found) ? found : {};
    return Object.entries(wanted).flatMap(([name, value]) => compare(value, other[name], `${field}.${name}`));
  }
  if (wanted === found || sameQuantity(wanted, found)) return [];
  // Whoever changed a value may have put a secret there; that it differs is enough.
  const isValue = field.includes(".env[");
  return [{ field, expected: isValue ? "as asked for" : words(wanted), found: isValue ? "changed" : words(found) }];
}

/** Lists of named things by their names, others by their order. */
function compareLists(wanted: unknown[], found: unknown[], field: string): Difference[] {
  return wanted.flatMap((value, index) => {
    const key = isObject(value) ? ["name", "mountPath"].find((each) => typeof value[each] === "string") : undefined;
    if (!key || !isObject(value)) return compare(value, found[index], `${field}[${index}]`);
    const where = `${field}[${value[key]}]`;
    const other = found.find((each) => isObject(each) && each[key] === value[key]);
    return other === undefined ? [{ field: where, expected: "present", found: "missing" }] : compare(value, other, where);
  });
}

/** The API leaves out what is empty. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** `0.5` and `500m` are one quantity: the API writes its own form of it. */
function sameQuantity(one: unknown, other: unknown): boolean {
  const [first, second] = [amountOf(one), amountOf(other)];
  return first !== undefined && first === second;
}

const factors: Readonly<Record<string, number>> = {
  ...{ "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4 },
};

function amountOf(value: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(value)) ?? [];
  return digits === undefined ? undefined : Number(digits) * (factors[unit] ?? Number.NaN);
}

const words = (value: unknown): string => {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
};
