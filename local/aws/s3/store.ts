import { createHash } from "node:crypto";
import { addColumn, type Database } from "../../storage/database.ts";

export interface StoredObject {
  key: string;
  body: Uint8Array;
  etag: string;
  /** Milliseconds since the epoch. */
  modified_at: number;
  /** Headers that are given back as they were put: content type, metadata, checksum. */
  headers: Record<string, string>;
  /** Bytes of each part that it was uploaded in; null when it came in one. */
  parts: number[] | null;
}
export type Listed = Omit<StoredObject, "body" | "headers" | "parts"> & { size: number };
export interface Bucket {
  name: string;
  created_at: number;
}
/** `etag` is that of the body where it is not given. */
export type NewObject = Pick<StoredObject, "body" | "headers"> & Partial<Pick<StoredObject, "etag" | "parts">>;

const schema = `
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, etag TEXT NOT NULL, modified_at INTEGER NOT NULL, headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key));
`;

/** Buckets and objects. */
export class ObjectStore {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
    addColumn(database, "objects", "parts TEXT");
  }

  createBucket(name: string): void {
    this.database.prepare("INSERT OR IGNORE INTO buckets VALUES (?, ?)").run(name, Date.now());
  }

  hasBucket(name: string): boolean {
    return this.database.prepare("SELECT 1 FROM buckets WHERE name = ?").get(name) !== undefined;
  }

  /** By name. */
  buckets(): Bucket[] {
    return this.database.prepare("SELECT name, created_at FROM buckets ORDER BY name").all() as unknown as Bucket[];
  }

  deleteBucket(name: string): void {
    this.database.prepare("DELETE FROM buckets WHERE name = ?").run(name);
  }

  put(bucket: string, key: string, { body, headers, etag = md5(body), parts = null }: NewObject): string {
    this.database
      .prepare("INSERT OR REPLACE INTO objects (bucket, key, body, etag, modified_at, headers, parts) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(bucket, key, body, etag, Date.now(), JSON.stringify(headers), parts && JSON.stringify(parts));
    return etag;
  }

  get(bucket: string, key: string): StoredObject | undefined {
    const row = this.database
      .prepare("SELECT key, body, etag, modified_at, headers, parts FROM objects WHERE bucket = ? AND key = ?")
      .get(bucket, key);
    if (row === undefined) return undefined;
    const parts = row.parts === null ? null : JSON.parse(row.parts as string);
    return { ...row, headers: JSON.parse(row.headers as string), parts } as unknown as StoredObject;
  }

  delete(bucket: string, key: string): void {
    this.database.prepare("DELETE FROM objects WHERE bucket = ? AND key = ?").run(bucket, key);
  }

  /** In the order of keys, those after `after`. */
  list(bucket: string, prefix: string, after: string, limit: number): Listed[] {
    return this.database
      .prepare(
        `SELECT key, etag, modified_at, length(body) AS size FROM objects
         WHERE bucket = ?1 AND key >= ?2 AND key > ?3 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?4`,
      )
      .all(bucket, prefix, after, limit) as unknown as Listed[];
  }
}

const md5 = (body: Uint8Array): string => createHash("md5").update(body).digest("hex");
