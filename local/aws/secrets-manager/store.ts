import { createHash, randomInt, randomUUID } from "node:crypto";
import { type Database, inTransaction } from "../../storage/database.ts";
import { arn } from "../../template/place.ts";

export interface SecretVersion {
  id: string;
  value: string;
  /** Milliseconds since the epoch. */
  created_at: number;
  stages: string[];
}

const schema = `
  CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS secret_versions (
    name TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, created_at INTEGER NOT NULL, stage TEXT,
    PRIMARY KEY (name, id)) WITHOUT ROWID;
`;

/** Secrets Manager ends each name with six characters of its own; here a name has always the same. */
export const secretArn = (name: string): string =>
  arn("secretsmanager", `secret:${name}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`);

/** Secrets and their versions: the current one, the one before it, and older ones that have no stage any more. */
export class SecretStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  /** The name of a secret by name, ARN, or ARN without its last six characters; undefined when there is none. */
  find(id: string): string | undefined {
    return this.names().find((name) => id === name || id === secretArn(name) || `${id}-` === secretArn(name).slice(0, -6));
  }

  /** In their order. */
  names(): string[] {
    return this.database
      .prepare("SELECT name FROM secrets ORDER BY name")
      .all()
      .map(({ name }) => String(name));
  }

  /** Milliseconds since the epoch. */
  createdAt(name: string): number {
    return Number(this.database.prepare("SELECT created_at FROM secrets WHERE name = ?").get(name)?.created_at);
  }

  /** False when it is there already. */
  create(name: string): boolean {
    return this.database.prepare("INSERT OR IGNORE INTO secrets VALUES (?, ?)").run(name, Date.now()).changes > 0;
  }

  /** The current one becomes the previous one. Gives the version's id; the same id and value change nothing. */
  put(name: string, value: string, id: string = randomUUID()): { id: string; conflict: boolean } {
    const known = this.versions(name).find((version) => version.id === id);
    if (known) return { id, conflict: known.value !== value };
    const set = this.database.prepare("UPDATE secret_versions SET stage = ?3 WHERE name = ?1 AND stage = ?2");
    inTransaction(this.database, () => {
      set.run(name, "AWSPREVIOUS", null);
      set.run(name, "AWSCURRENT", "AWSPREVIOUS");
      this.database.prepare("INSERT INTO secret_versions VALUES (?, ?, ?, ?, 'AWSCURRENT')").run(name, id, value, Date.now());
    });
    return { id, conflict: false };
  }

  versions(name: string): SecretVersion[] {
    const rows = this.database.prepare("SELECT * FROM secret_versions WHERE name = ? ORDER BY created_at").all(name);
    return rows.map(({ stage, ...version }) => ({ ...version, stages: stage === null ? [] : [stage] }) as unknown as SecretVersion);
  }
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** As Secrets Manager makes one for the template. */
export const generateSecret = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
