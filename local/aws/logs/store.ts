import { type Database, inTransaction } from "../../storage/database.ts";

export interface LogLine {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
}
export interface StoredLine extends LogLine {
  id: number;
  stream: string;
  ingested_at: number;
}
export interface LogQuery {
  group: string;
  streams?: string[];
  stream_prefix?: string;
  /** Inclusive, milliseconds. */
  from?: number;
  until?: number;
  after?: { timestamp: number; id: number };
  limit: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS log_groups (name TEXT PRIMARY KEY, retention_days INTEGER, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS log_streams (
    log_group TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (log_group, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, stream TEXT NOT NULL,
    timestamp INTEGER NOT NULL, ingested_at INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS log_events_by_time ON log_events (log_group, timestamp, id);
`;

/** Log groups, their streams and lines. */
export class LogStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  createGroup(name: string, retentionDays: number | null): void {
    this.database
      .prepare("INSERT INTO log_groups VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET retention_days = excluded.retention_days")
      .run(name, retentionDays, Date.now());
  }

  hasGroup(name: string): boolean {
    return this.database.prepare("SELECT 1 FROM log_groups WHERE name = ?").get(name) !== undefined;
  }

  groups(prefix: string): { name: string; retention_days: number | null; created_at: number }[] {
    const rows = this.database.prepare("SELECT * FROM log_groups WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name").all(prefix);
    return rows as unknown as ReturnType<LogStore["groups"]>;
  }

  /** False when the stream was there already. */
  createStream(group: string, name: string): boolean {
    return this.database.prepare("INSERT OR IGNORE INTO log_streams VALUES (?, ?, ?)").run(group, name, Date.now()).changes > 0;
  }

  streams(group: string, prefix: string): { name: string; created_at: number; last_event: number | null }[] {
    const rows = this.database
      .prepare(
        `SELECT s.name, s.created_at, max(e.timestamp) AS last_event FROM log_streams s
         LEFT JOIN log_events e ON e.log_group = s.log_group AND e.stream = s.name
         WHERE s.log_group = ?1 AND substr(s.name, 1, length(?2)) = ?2 GROUP BY s.name ORDER BY s.name`,
      )
      .all(group, prefix);
    return rows as unknown as ReturnType<LogStore["streams"]>;
  }

  append(group: string, stream: string, lines: LogLine[]): void {
    const insert = this.database.prepare(
      "INSERT INTO log_events (log_group, stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?, ?)",
    );
    inTransaction(this.database, () => {
      for (const { timestamp, message } of lines) insert.run(group, stream, timestamp, Date.now(), message);
    });
  }

  /** Oldest first. */
  lines({ group, streams = [], stream_prefix = "", from = 0, until = Number.MAX_SAFE_INTEGER, after, limit }: LogQuery): StoredLine[] {
    const named = streams.length === 0 ? "" : `AND stream IN (${streams.map(() => "?").join(", ")})`;
    const rows = this.database
      .prepare(
        `SELECT id, stream, timestamp, ingested_at, message FROM log_events
         WHERE log_group = ? AND timestamp BETWEEN ? AND ? AND substr(stream, 1, length(?)) = ?
         AND (timestamp, id) > (?, ?) ${named} ORDER BY timestamp, id LIMIT ?`,
      )
      .all(group, from, until, stream_prefix, stream_prefix, after?.timestamp ?? -1, after?.id ?? -1, ...streams, limit);
    return rows as unknown as StoredLine[];
  }

  /** Removes what is older than each group keeps it. */
  expire(now: number): void {
    this.database
      .prepare("DELETE FROM log_events WHERE timestamp < ? - 86400000 * (SELECT retention_days FROM log_groups g WHERE g.name = log_group)")
      .run(now);
  }
}
