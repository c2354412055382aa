import { createHash } from "node:crypto";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Machine, MachineDefinition } from "./definition.ts";
import type { Execution, Scope, StoredEvent, TaskToken } from "./records.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS definitions (hash TEXT PRIMARY KEY, definition TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, machine_arn TEXT NOT NULL, machine_name TEXT NOT NULL, name TEXT NOT NULL, definition_hash TEXT NOT NULL,
    role_arn TEXT NOT NULL, input TEXT NOT NULL, status TEXT NOT NULL, started_at INTEGER NOT NULL, stopped_at INTEGER, output TEXT,
    error TEXT, cause TEXT, transitions INTEGER NOT NULL, last_event INTEGER NOT NULL, deadline INTEGER, parent_arn TEXT, parent_path TEXT,
    announced TEXT);
  CREATE INDEX IF NOT EXISTS executions_by_machine ON executions (machine_arn, started_at);
  CREATE INDEX IF NOT EXISTS executions_by_status ON executions (status);
  CREATE INDEX IF NOT EXISTS executions_by_parent ON executions (parent_arn);
  CREATE TABLE IF NOT EXISTS events (
    arn TEXT NOT NULL, id INTEGER NOT NULL, previous_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, type TEXT NOT NULL,
    details TEXT NOT NULL, PRIMARY KEY (arn, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS scopes (arn TEXT NOT NULL, path TEXT NOT NULL, scope TEXT NOT NULL, PRIMARY KEY (arn, path)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, arn TEXT NOT NULL, path TEXT NOT NULL, heartbeat_at INTEGER NOT NULL, result TEXT);
`;

const columns = [
  ...["arn", "machine_arn", "machine_name", "name", "definition_hash", "role_arn", "input", "status", "started_at", "stopped_at"],
  ...["output", "error", "cause", "transitions", "last_event", "deadline", "parent_arn", "parent_path", "announced"],
] as const satisfies (keyof Execution)[];

/** Executions on disk. A transaction that returned survives the process being killed. */
export class Store {
  readonly #database: DatabaseSync;
  #depth = 0;
  #afterCommit: (() => void)[] = [];

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    this.#database.exec(`BEGIN; ${schema} COMMIT`);
  }

  close(): void {
    this.#database.close();
  }

  /** All or nothing; one inside another joins it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    this.#depth += 1;
    let result: T;
    try {
      result = work();
      this.commit();
    } catch (error) {
      this.#afterCommit = [];
      this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
    for (const effect of this.#afterCommit.splice(0)) effect();
    return result;
  }

  protected commit(): void {
    this.#database.exec("COMMIT");
  }

  /** Runs once what is being written is on disk; at once outside a transaction. */
  afterCommit(effect: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(effect);
    else effect();
  }

  keepDefinition(machine: Machine): string {
    const text = JSON.stringify(machine.definition);
    const hash = createHash("sha256").update(text).digest("hex");
    this.#run("INSERT OR IGNORE INTO definitions (hash, definition) VALUES (?, ?)", hash, text);
    return hash;
  }

  definition(hash: string): MachineDefinition {
    const row = this.#one<{ definition: string }>("SELECT definition FROM definitions WHERE hash = ?", hash);
    if (row === undefined) throw new Error(`no definition ${hash} in the store`);
    return JSON.parse(row.definition);
  }

  insertExecution(execution: Execution): void {
    const marks = columns.map(() => "?").join(", ");
    this.#run(`INSERT INTO executions (${columns.join(", ")}) VALUES (${marks})`, ...columns.map((column) => execution[column]));
  }

  execution(arn: string): Execution | undefined {
    return this.#one<Execution>("SELECT * FROM executions WHERE arn = ?", arn);
  }

  changeExecution(arn: string, change: Partial<Execution>): void {
    const names = Object.keys(change) as (keyof Execution)[];
    this.#run(
      `UPDATE executions SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE arn = ?`,
      ...names.map((name) => change[name] ?? null),
      arn,
    );
  }

  running(): Execution[] {
    return this.#all<Execution>("SELECT * FROM executions WHERE status = 'RUNNING' ORDER BY started_at, rowid");
  }

  unannounced(): Execution[] {
    return this.#all<Execution>("SELECT * FROM executions WHERE announced IS NULL OR announced <> status ORDER BY started_at, rowid");
  }

  /** Executions that a `.sync` task under this scope started and that still run. */
  runningChildren(arn: string, path: string): Execution[] {
    return this.#all<Execution>(
      "SELECT * FROM executions WHERE parent_arn = ? AND status = 'RUNNING' AND (parent_path = ? OR substr(parent_path, 1, ?) = ?)",
      ...[arn, path, path.length + 1, `${path}/`],
    );
  }

  /** Newest first. */
  executionsOf(machineArn: string, status: string | null, offset: number, count: number): Execution[] {
    return this.#all<Execution>(
      "SELECT * FROM executions WHERE machine_arn = ? AND (? IS NULL OR status = ?) ORDER BY started_at DESC, rowid DESC LIMIT ? OFFSET ?",
      ...[machineArn, status, status, count, offset],
    );
  }

  saveScope(arn: string, scope: Scope): void {
    this.#run("INSERT OR REPLACE INTO scopes (arn, path, scope) VALUES (?, ?, ?)", arn, scope.path, JSON.stringify(scope));
  }

  scope(arn: string, path: string): Scope | undefined {
    const row = this.#one<{ scope: string }>("SELECT scope FROM scopes WHERE arn = ? AND path = ?", arn, path);
    return row === undefined ? undefined : JSON.parse(row.scope);
  }

  /** Everything below a path, or, with null, the whole execution's. */
  forgetScopes(arn: string, below: string | null): void {
    if (below === null) this.#run("DELETE FROM scopes WHERE arn = ?", arn);
    else this.#run("DELETE FROM scopes WHERE arn = ? AND substr(path, 1, ?) = ?", arn, below.length + 1, `${below}/`);
  }

  appendEvent(arn: string, event: StoredEvent): void {
    this.#run(
      "INSERT INTO events (arn, id, previous_id, timestamp, type, details) VALUES (?, ?, ?, ?, ?, ?)",
      ...[arn, event.id, event.previous_id, event.timestamp, event.type, JSON.stringify(event.details)],
    );
  }

  events(arn: string, reverse: boolean, offset: number, count: number): StoredEvent[] {
    const rows = this.#all<Omit<StoredEvent, "details"> & { details: string }>(
      `SELECT id, previous_id, timestamp, type, details FROM events WHERE arn = ? ORDER BY id ${reverse ? "DESC" : "ASC"} LIMIT ? OFFSET ?`,
      ...[arn, count, offset],
    );
    return rows.map((row) => ({ ...row, details: JSON.parse(row.details) }));
  }

  previousEvent(arn: string, id: number): number {
    return this.#one<{ previous_id: number }>("SELECT previous_id FROM events WHERE arn = ? AND id = ?", arn, id)?.previous_id ?? 0;
  }

  insertToken(token: TaskToken): void {
    this.#run(
      "INSERT INTO tokens (token, arn, path, heartbeat_at, result) VALUES (?, ?, ?, ?, NULL)",
      token.token,
      token.arn,
      token.path,
      token.heartbeat_at,
    );
  }

  token(token: string): TaskToken | undefined {
    const row = this.#one<Omit<TaskToken, "result"> & { result: string | null }>("SELECT * FROM tokens WHERE token = ?", token);
    return row === undefined ? undefined : { ...row, result: row.result === null ? null : JSON.parse(row.result) };
  }

  changeToken(token: string, change: { heartbeat_at?: number; result?: TaskToken["result"] }): void {
    if (change.heartbeat_at !== undefined) this.#run("UPDATE tokens SET heartbeat_at = ? WHERE token = ?", change.heartbeat_at, token);
    if (change.result !== undefined) this.#run("UPDATE tokens SET result = ? WHERE token = ?", JSON.stringify(change.result), token);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.transaction(() => this.#database.prepare(sql).run(...values));
  }
  #one<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#database.prepare(sql).get(...values) as T | undefined;
  }
  #all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#database.prepare(sql).all(...values) as T[];
  }
}
