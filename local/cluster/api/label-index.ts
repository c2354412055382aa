import type { Resource } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import type { LabelSelector } from "../objects/workloads.ts";

/** Objects of one kind by namespace and label: a selector among thousands looks at those that have one of its labels. */
export class LabelIndex {
  readonly #labelled = new Map<string, Map<string, Resource>>();

  /** In no particular order; undefined: the selector names no label with its value, and all are to be looked at. */
  select(namespace: string, selector: LabelSelector): Resource[] | undefined {
    const sets = Object.entries(selector.matchLabels ?? {}).map((label) => this.#labelled.get(keyOf(namespace, label)));
    if (sets.length === 0) return undefined;
    const smallest = sets.reduce((least, set) => ((set?.size ?? 0) < (least?.size ?? 0) ? set : least));
    const matches = matcherOf(selector);
    return [...(smallest?.values() ?? [])].filter(({ metadata }) => matches(metadata.labels));
  }

  replace(before: Resource | undefined, after: Resource | undefined): void {
    const kept = new Set(after && keysOf(after));
    for (const key of before ? keysOf(before) : []) if (!kept.has(key)) this.#release(key, before as Resource);
    for (const key of kept) this.#labelled.set(key, (this.#labelled.get(key) ?? new Map()).set(after?.metadata.uid, after));
  }

  #release(key: string, { metadata: { uid } }: Resource): void {
    const labelled = this.#labelled.get(key);
    labelled?.delete(uid);
    if (labelled?.size === 0) this.#labelled.delete(key);
  }
}

const keyOf = (namespace: string, [name, value]: [string, string]): string => `${namespace}/${name}=${value}`;
const keysOf = ({ metadata: { namespace = "", labels = {} } }: Resource): string[] =>
  Object.entries(labels).map((label) => keyOf(namespace, label));
