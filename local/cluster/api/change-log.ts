import { keyOf, type Resource } from "../objects/resource.ts";
import type { KindRule } from "./kinds.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change {
  revision: number;
  type: ChangeType;
  rule: KindRule;
  /** As it is after the change; of a deleted object the last state, with the revision of the deletion. */
  object: Resource;
  previous: Resource | undefined;
}

/** The last changes, from which watches start and list pages of an older revision are read. */
export class ChangeLog {
  readonly #capacity: number;
  #changes: Change[] = [];
  /** The newest revision whose change is not in the log any more. */
  #forgotten: number;

  constructor(capacity: number, revision: number) {
    this.#capacity = capacity;
    this.#forgotten = revision;
  }

  get oldest(): number {
    return this.#forgotten;
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length < this.#capacity * 2) return;
    const dropped = this.#changes.splice(0, this.#changes.length - this.#capacity);
    this.#forgotten = (dropped.at(-1) as Change).revision;
  }

  /** Changes after `revision`, oldest first; undefined when some of them are forgotten. */
  since(revision: number): Change[] | undefined {
    if (revision < this.#forgotten) return undefined;
    return this.#changes.filter((change) => change.revision > revision);
  }

  /** The objects of a kind as they were at `revision`, from what they are `now`; undefined when that is forgotten. */
  rewind(rule: KindRule, now: Resource[], revision: number): Resource[] | undefined {
    const later = this.since(revision);
    if (!later) return undefined;
    const objects = new Map(now.map((object) => [keyOf(object), object]));
    for (const change of later.reverse()) {
      if (change.rule !== rule) continue;
      if (change.previous) objects.set(keyOf(change.previous), change.previous);
      else objects.delete(keyOf(change.object));
    }
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }
}
