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

export interface Place {
  timestamp: number;
  id: number;
}
export interface LogSearch {
  group: string;
  /** Inclusive, milliseconds. */
  from: number;
  until: number;
  holding: string[];
  descending: boolean;
  after: Place | undefined;
  /** How many lines are looked at. */
  window: number;
}

const likePattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;

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

  /** The youngest line of a stream. */
  lastOf(group: string, stream: string): LogLine | undefined {
    const row = this.database
      .prepare("SELECT timestamp, message FROM log_events WHERE log_group = ? AND stream = ? ORDER BY timestamp DESC, id DESC LIMIT 1")
      .get(group, stream);
    return row as unknown as LogLine | undefined;
  }

  append(group: string, stream: string, lines: LogLine[]): void {
    this.appendAll(group, [[stream, lines]]);
  }

  /** Lines of several streams, of which those are made that are new. */
  appendAll(group: string, streams: [stream: string, lines: LogLine[]][]): void {
    if (streams.length === 0) return;
    const create = this.database.prepare("INSERT OR IGNORE INTO log_streams VALUES (?, ?, ?)");
    const insert = this.database.prepare(
      "INSERT INTO log_events (log_group, stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?, ?)",
    );
    inTransaction(this.database, () => {
      const now = Date.now();
      for (const [stream, lines] of streams) {
        create.run(group, stream, now);
        for (const { timestamp, message } of lines) insert.run(group, stream, timestamp, now, message);
      }
    });
  }

  /**
   * Some lines of a part of a group in the order of time, or against it, that hold all of these texts, upper or lower case.
   * `next`: where to look on, when this was not all.
   */
  search({ group, from, until, holding, descending, after, window }: LogSearch): { lines: StoredLine[]; next: Place | undefined } {
    const [order, beyond] = descending ? ["DESC", "<"] : ["ASC", ">"];
    const start = after ?? (descending ? { timestamp: until + 1, id: 0 } : { timestamp: from, id: -1 });
    const scope = `log_group = ? AND timestamp BETWEEN ? AND ? AND (timestamp, id) ${beyond} (?, ?)`;
    const at = [group, from, until, start.timestamp, start.id];
    const last = this.database
      .prepare(`SELECT timestamp, id FROM log_events WHERE ${scope} ORDER BY timestamp ${order}, id ${order} LIMIT 1 OFFSET ?`)
      .get(...at, window - 1) as unknown as Place | undefined;
    const upTo = last ? `AND (timestamp, id) ${beyond}= (?, ?)`.replace(beyond, descending ? ">" : "<") : "";
    const likes = holding.map(() => "AND message LIKE ? ESCAPE '\\'").join(" ");
    const lines = this.database
      .prepare(
        `SELECT id, stream, timestamp, ingested_at, message FROM log_events WHERE ${scope} ${upTo} ${likes}
         ORDER BY timestamp ${order}, id ${order}`,
      )
      .all(...at, ...(last ? [last.timestamp, last.id] : []), ...holding.map(likePattern));
    return { lines: lines as unknown as StoredLine[], next: last };
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
