import { createHash } from "node:crypto";
import type { Database } from "../../storage/database.ts";

export interface Upload {
  id: string;
  bucket: string;
  key: string;
  /** Of the object that it is to become. */
  headers: Record<string, string>;
}
export interface Part {
  number: number;
  etag: string;
  size: number;
  /** Milliseconds since the epoch. */
  uploaded_at: number;
}

/** The tables of earlier builds did not say when a part came. */
const schema = `
  DROP TABLE IF EXISTS upload_parts;
  DROP TABLE IF EXISTS uploads;
  CREATE TABLE IF NOT EXISTS begun_uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS uploaded_parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, etag TEXT NOT NULL, uploaded_at INTEGER NOT NULL,
    PRIMARY KEY (upload, number));
`;

/** Uploads in parts that have been begun, and the parts that have come. */
export class UploadStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  begin({ id, bucket, key, headers }: Upload): void {
    this.database.prepare("INSERT INTO begun_uploads VALUES (?, ?, ?, ?)").run(id, bucket, key, JSON.stringify(headers));
  }

  find(id: string): Upload | undefined {
    const row = this.database.prepare("SELECT * FROM begun_uploads WHERE id = ?").get(id);
    return row && ({ ...row, headers: JSON.parse(row.headers as string) } as unknown as Upload);
  }

  /** A part of the same number is replaced. Gives its ETag. */
  putPart(upload: string, number: number, body: Uint8Array): Part {
    const part = { number, etag: createHash("md5").update(body).digest("hex"), size: body.length, uploaded_at: Date.now() };
    this.database
      .prepare("INSERT OR REPLACE INTO uploaded_parts VALUES (?, ?, ?, ?, ?)")
      .run(upload, number, body, part.etag, part.uploaded_at);
    return part;
  }

  /** In the order of their numbers. */
  parts(upload: string): Part[] {
    return this.database
      .prepare("SELECT number, etag, length(body) AS size, uploaded_at FROM uploaded_parts WHERE upload = ? ORDER BY number")
      .all(upload) as unknown as Part[];
  }

  body(upload: string, number: number): Uint8Array {
    const row = this.database.prepare("SELECT body FROM uploaded_parts WHERE upload = ? AND number = ?").get(upload, number);
    return row?.body as Uint8Array;
  }

  remove(upload: string): void {
    this.database.prepare("DELETE FROM uploaded_parts WHERE upload = ?").run(upload);
    this.database.prepare("DELETE FROM begun_uploads WHERE id = ?").run(upload);
  }

  removeOf(bucket: string): void {
    for (const { id } of this.database.prepare("SELECT id FROM begun_uploads WHERE bucket = ?").all(bucket)) this.remove(String(id));
  }
}
