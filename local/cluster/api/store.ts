import type { DatabaseSync, StatementSync } from "node:sqlite";
import { keyOf, type Resource } from "../objects/resource.ts";
import { type Change, ChangeLog, type ChangeType } from "./change-log.ts";
import { type KindRule, kindRules } from "./kinds.ts";
import { LabelIndex } from "./label-index.ts";
import { OwnerIndex } from "./owner-index.ts";

/**
 * All objects of the cluster: in memory, written through to SQLite, with one revision counter that only grows, also
 * over restarts. Every write is told to the listeners at once, in order, and kept in the change log for watches.
 */
export class Store {
  readonly changes: ChangeLog;
  readonly #objects = new Map<string, Map<string, Resource>>(kindRules.map((rule) => [rule.plural, new Map()]));
  readonly owners = new OwnerIndex();
  /** Of pods, which are many, and which many select. */
  readonly podLabels = new LabelIndex();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #statements: Record<"put" | "remove" | "count", StatementSync>;
  #revision: number;

  constructor(database: DatabaseSync, history: number) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS objects (plural TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (plural, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS revision (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
      INSERT OR IGNORE INTO revision VALUES (1, 1);`);
    this.#statements = {
      put: database.prepare("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)"),
      remove: database.prepare("DELETE FROM objects WHERE plural = ? AND key = ?"),
      count: database.prepare("UPDATE revision SET value = ?"),
    };
    this.#revision = (database.prepare("SELECT value FROM revision").get() as { value: number }).value;
    for (const row of database.prepare("SELECT plural, key, body FROM objects").all()) {
      const object = JSON.parse(row.body as string) as Resource;
      this.#objects.get(row.plural as string)?.set(row.key as string, object);
      this.owners.put(object);
      if (object.kind === "Pod") this.podLabels.replace(undefined, object);
    }
    this.changes = new ChangeLog(history, this.#revision);
  }

  get revision(): number {
    return this.#revision;
  }

  find(rule: KindRule, namespace: string | undefined, name: string): Resource | undefined {
    return this.#of(rule).get(`${namespace ?? ""}/${name}`);
  }

  /** In no particular order. */
  values(rule: KindRule, namespace?: string): Resource[] {
    const all = this.#of(rule).values();
    return namespace === undefined ? [...all] : [...all].filter((object) => object.metadata.namespace === namespace);
  }

  /** In the order of namespace and name. */
  list(rule: KindRule, namespace?: string): Resource[] {
    const entries = [...this.#of(rule)].filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Gives the object as stored, with its new resourceVersion. */
  put(rule: KindRule, object: Resource): Resource {
    const previous = this.#of(rule).get(keyOf(object));
    return this.#record(rule, previous ? "MODIFIED" : "ADDED", object, previous);
  }

  remove(rule: KindRule, object: Resource): Resource {
    return this.#record(rule, "DELETED", object, this.#of(rule).get(keyOf(object)));
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #record(rule: KindRule, type: ChangeType, draft: Resource, previous: Resource | undefined): Resource {
    this.#revision += 1;
    const object = { ...draft, metadata: { ...draft.metadata, resourceVersion: String(this.#revision) } };
    const key = keyOf(object);
    // The counter goes first: a crash between the two writes may skip a revision, never repeat one.
    this.#statements.count.run(this.#revision);
    if (type === "DELETED") {
      this.#statements.remove.run(rule.plural, key);
      this.#of(rule).delete(key);
      this.owners.remove(object);
    } else {
      this.#statements.put.run(rule.plural, key, JSON.stringify(object));
      this.#of(rule).set(key, object);
      this.owners.put(object);
    }
    if (rule.kind === "Pod") this.podLabels.replace(previous, type === "DELETED" ? undefined : object);
    const change: Change = { revision: this.#revision, type, rule, object, previous };
    this.changes.add(change);
    for (const listener of this.#listeners) listener(change);
    return object;
  }

  #of(rule: KindRule): Map<string, Resource> {
    return this.#objects.get(rule.plural) as Map<string, Resource>;
  }
}
