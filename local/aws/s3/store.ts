import { createHash } from "node:crypto";
import { type Database, inTransaction } from "../../storage/database.ts";

export interface StoredObject {
  key: string;
  body: Uint8Array;
  etag: string;
  /** Milliseconds since the epoch. */
  modified_at: number;
  /** Headers that are given back as they were put: content type, metadata, checksums. */
  headers: Record<string, string>;
}
export type Listed = Omit<StoredObject, "body" | "headers"> & { size: number };

const schema = `
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, etag TEXT NOT NULL, modified_at INTEGER NOT NULL, headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key));
  CREATE TABLE IF NOT EXISTS upload_parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload, number));
  CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL);
`;

/** Buckets and objects. */
export class ObjectStore {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  createBucket(name: string): void {
    this.database.prepare("INSERT OR IGNORE INTO buckets VALUES (?, ?)").run(name, Date.now());
  }

  hasBucket(name: string): boolean {
    return this.database.prepare("SELECT 1 FROM buckets WHERE name = ?").get(name) !== undefined;
  }

  buckets(): { name: string; created_at: number }[] {
    return this.database.prepare("SELECT name, created_at FROM buckets ORDER BY name").all() as unknown as {
      name: string;
      created_at: number;
    }[];
  }

  put(bucket: string, key: string, body: Uint8Array, headers: Record<string, string>, etag = md5(body)): string {
    this.database
      .prepare("INSERT OR REPLACE INTO objects (bucket, key, body, etag, modified_at, headers) VALUES (?, ?, ?, ?, ?, ?)")
      .run(bucket, key, body, etag, Date.now(), JSON.stringify(headers));
    return etag;
  }

  get(bucket: string, key: string): StoredObject | undefined {
    const row = this.database
      .prepare("SELECT key, body, etag, modified_at, headers FROM objects WHERE bucket = ? AND key = ?")
      .get(bucket, key);
    return row === undefined ? undefined : ({ ...row, headers: JSON.parse(row.headers as string) } as unknown as StoredObject);
  }

  delete(bucket: string, key: string): void {
    this.database.prepare("DELETE FROM objects WHERE bucket = ? AND key = ?").run(bucket, key);
  }

  /** In the order of keys, those after `after`. */
  list(bucket: string, prefix: string, after: string, limit: number): Listed[] {
    return this.database
      .prepare(
        `SELECT key, etag, modified_at, length(body) AS size FROM objects
         WHERE bucket = ?1 AND key > ?3 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?4`,
      )
      .all(bucket, prefix, after, limit) as unknown as Listed[];
  }

  startUpload(id: string, bucket: string, key: string, headers: Record<string, string>): void {
    this.database.prepare("INSERT INTO uploads VALUES (?, ?, ?, ?)").run(id, bucket, key, JSON.stringify(headers));
  }

  putPart(upload: string, number: number, body: Uint8Array): string {
    const etag = md5(body);
    this.database.prepare("INSERT OR REPLACE INTO upload_parts VALUES (?, ?, ?, ?)").run(upload, number, body, etag);
    return etag;
  }

  hasUpload(id: string): boolean {
    return this.database.prepare("SELECT 1 FROM uploads WHERE id = ?").get(id) !== undefined;
  }

  /** Puts the parts together in the order of their numbers; gives the object's ETag. */
  completeUpload(id: string, numbers: number[]): string {
    return inTransaction(this.database, () => {
      const upload = this.database.prepare("SELECT bucket, key, headers FROM uploads WHERE id = ?").get(id) as Record<string, string>;
      const read = this.database.prepare("SELECT body, etag FROM upload_parts WHERE upload = ? AND number = ?");
      const parts = numbers.map((number) => read.get(id, number) as unknown as { body: Uint8Array; etag: string });
      const etag = `${createHash("md5")
        .update(Buffer.from(parts.map((part) => part.etag).join(""), "hex"))
        .digest("hex")}-${parts.length}`;
      this.put(
        upload.bucket ?? "",
        upload.key ?? "",
        Buffer.concat(parts.map((part) => part.body)),
        JSON.parse(upload.headers ?? "{}"),
        etag,
      );
      this.abortUpload(id);
      return etag;
    });
  }

  abortUpload(id: string): void {
    this.database.prepare("DELETE FROM upload_parts WHERE upload = ?").run(id);
    this.database.prepare("DELETE FROM uploads WHERE id = ?").run(id);
  }
}

const md5 = (body: Uint8Array): string => createHash("md5").update(body).digest("hex");
