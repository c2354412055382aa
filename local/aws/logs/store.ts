import { type Database, inTransaction } from "../../storage/database.ts";
import { holds } from "./any-case.ts";

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
  after?: Place;
  /** The last place that counts. */
  upTo?: Place;
  limit: number;
  /** Newest first; oldest first else. */
  descending?: boolean;
}

/** What is the same in all lines of a stream, as the inside of a JSON object; empty where nothing is. */
export type Frame = string;
export interface LogStream {
  id: number;
  name: string;
  frame: Frame;
}
/** Lines of a stream, as JSON objects without what their frame says. */
export interface StreamLines {
  stream: string;
  frame?: Frame;
  lines: LogLine[];
}

export interface Place {
  timestamp: number;
  id: number;
}
export interface LogSearch {
  group: string;
  /** Ids of streams. */
  streams: number[];
  /** Inclusive, milliseconds. */
  from: number;
  until: number;
  /** Texts that a line holds, its frame left out. */
  holding: string[];
  descending: boolean;
  after: Place | undefined;
  /** How many lines are looked at. */
  window: number;
}
/** As it is kept: without what its stream's frame says. */
export interface FoundLine extends LogLine {
  id: number;
  stream: number;
}

/** The tables of earlier builds held the frame in every line. */
const schema = `
  DROP TABLE IF EXISTS log_events;
  DROP TABLE IF EXISTS log_streams;
  CREATE TABLE IF NOT EXISTS log_groups (name TEXT PRIMARY KEY, retention_days INTEGER, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS logged_streams (
    id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, name TEXT NOT NULL, frame TEXT NOT NULL, created_at INTEGER NOT NULL,
    last_event INTEGER, UNIQUE (log_group, name, frame));
  CREATE TABLE IF NOT EXISTS logged_lines (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, stream INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, ingested_at INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS logged_lines_by_time ON logged_lines (group_id, timestamp, id);
`;

/** Log groups, their streams and lines. */
export class LogStore {
  private readonly database: Database;
  /** Each call of a function writes some lines: what is asked so often is not taken apart each time. */
  private readonly statements: Record<"stream" | "line" | "group", ReturnType<Database["prepare"]>>;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
    this.statements = {
      stream: database.prepare(
        `INSERT INTO logged_streams (log_group, name, frame, created_at, last_event) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET last_event = max(coalesce(last_event, 0), excluded.last_event) RETURNING id`,
      ),
      line: database.prepare("INSERT INTO logged_lines (group_id, stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?, ?)"),
      group: database.prepare("SELECT rowid AS id FROM log_groups WHERE name = ?"),
    };
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
    if (this.streams(group, name).some((stream) => stream.name === name)) return false;
    this.database
      .prepare("INSERT INTO logged_streams (log_group, name, frame, created_at) VALUES (?, ?, '', ?)")
      .run(group, name, Date.now());
    return true;
  }

  streams(group: string, prefix: string): { name: string; created_at: number; last_event: number | null }[] {
    const rows = this.database
      .prepare(
        `SELECT name, min(created_at) AS created_at, max(last_event) AS last_event FROM logged_streams
         WHERE log_group = ?1 AND substr(name, 1, length(?2)) = ?2 GROUP BY name ORDER BY name`,
      )
      .all(group, prefix);
    return rows as unknown as ReturnType<LogStore["streams"]>;
  }

  /** Each with what is the same in all of its lines. */
  framedStreams(group: string): LogStream[] {
    return this.database.prepare("SELECT id, name, frame FROM logged_streams WHERE log_group = ?").all(group) as unknown as LogStream[];
  }

  /** The youngest line of a stream, without its frame. */
  lastOf(group: string, stream: string): LogLine | undefined {
    const row = this.database
      .prepare(
        `SELECT timestamp, message FROM logged_lines WHERE group_id = ?
         AND stream IN (SELECT id FROM logged_streams WHERE log_group = ? AND name = ?) ORDER BY timestamp DESC, id DESC LIMIT 1`,
      )
      .get(this.idOf(group), group, stream);
    return row as unknown as LogLine | undefined;
  }

  append(group: string, stream: string, lines: LogLine[]): void {
    this.appendAll(group, [{ stream, lines }]);
  }

  /** Lines of several streams, of which those are made that are new. */
  appendAll(group: string, streams: StreamLines[]): void {
    if (streams.length === 0) return;
    inTransaction(this.database, () => {
      const [now, groupId] = [Date.now(), this.idOf(group)];
      for (const { stream, frame = "", lines } of streams) {
        const last = lines.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
        const { id } = this.statements.stream.get(group, stream, frame, now, last) as { id: number };
        for (const { timestamp, message } of lines) this.statements.line.run(groupId, id, timestamp, now, message);
      }
    });
  }

  /**
   * Some lines of a part of a group in the order of time, or against it, that hold all of these texts, upper or lower case.
   * `next`: where to look on, when this was not all; `looked`: at how many lines.
   */
  search({ group, streams, from, until, holding, descending, after, window }: LogSearch): {
    lines: FoundLine[];
    next: Place | undefined;
    looked: number;
  } {
    const [order, beyond, back] = descending ? ["DESC", "<", ">="] : ["ASC", ">", "<="];
    const start = after ?? (descending ? { timestamp: until + 1, id: 0 } : { timestamp: from, id: -1 });
    const groupId = this.idOf(group);
    // What lies behind the place where it goes on is not walked through again: the times are what the index is entered by.
    const [low, high] = descending ? [from, Math.min(until, start.timestamp)] : [Math.max(from, start.timestamp), until];
    const scope = `group_id = ? AND timestamp BETWEEN ? AND ? AND (timestamp, id) ${beyond} (?, ?)`;
    const last = this.database
      .prepare(`SELECT timestamp, id FROM logged_lines WHERE ${scope} ORDER BY timestamp ${order}, id ${order} LIMIT 1 OFFSET ?`)
      .get(groupId, low, high, start.timestamp, start.id, window - 1) as unknown as Place | undefined;
    const looked = last
      ? window
      : (this.database
          .prepare(`SELECT count(*) AS lines FROM logged_lines WHERE ${scope}`)
          .get(groupId, low, high, start.timestamp, start.id)?.lines as number);
    const end = last?.timestamp;
    const texts = holding.map((text) => holds("message", text));
    const lines = this.database
      .prepare(
        `SELECT id, stream, timestamp, message FROM logged_lines WHERE ${scope} ${last ? `AND (timestamp, id) ${back} (?, ?)` : ""}
         AND stream IN (SELECT value FROM json_each(?)) ${texts.map(({ sql }) => `AND ${sql}`).join(" ")}
         ORDER BY timestamp ${order}, id ${order}`,
      )
      .all(
        ...[groupId, descending ? (end ?? low) : low, descending ? high : (end ?? high), start.timestamp, start.id],
        ...(last ? [last.timestamp, last.id] : []),
        ...[JSON.stringify(streams), ...texts.flatMap(({ values }) => values)],
      );
    return { lines: lines as unknown as FoundLine[], next: last, looked };
  }

  /** In the order of time, whole. */
  lines(query: LogQuery): StoredLine[] {
    const { group, streams = [], stream_prefix = "", from = 0, until = Number.MAX_SAFE_INTEGER, limit, descending = false } = query;
    const { after = { timestamp: -1, id: -1 }, upTo = { timestamp: Number.MAX_SAFE_INTEGER, id: 0 } } = query;
    const known = this.framedStreams(group).filter(
      ({ name }) => name.startsWith(stream_prefix) && (streams.length === 0 || streams.includes(name)),
    );
    const byId = new Map(known.map((stream) => [stream.id, stream]));
    const order = descending ? "DESC" : "ASC";
    const rows = this.database
      .prepare(
        `SELECT id, stream, timestamp, ingested_at, message FROM logged_lines
         WHERE group_id = ? AND timestamp BETWEEN ? AND ? AND (timestamp, id) > (?, ?) AND (timestamp, id) <= (?, ?)
         AND stream IN (SELECT value FROM json_each(?)) ORDER BY timestamp ${order}, id ${order} LIMIT ?`,
      )
      .all(
        ...[this.idOf(group), Math.max(from, after.timestamp), Math.min(until, upTo.timestamp)],
        ...[after.timestamp, after.id, upTo.timestamp, upTo.id, JSON.stringify([...byId.keys()]), limit],
      );
    return (rows as unknown as (FoundLine & { ingested_at: number })[]).map((row) => {
      const { name, frame } = byId.get(row.stream) as LogStream;
      return { ...row, stream: name, message: whole(row.message, frame) };
    });
  }

  /** Removes what is older than each group keeps it. */
  expire(now: number): void {
    this.database
      .prepare(
        "DELETE FROM logged_lines WHERE timestamp < ? - 86400000 * (SELECT retention_days FROM log_groups g WHERE g.rowid = group_id)",
      )
      .run(now);
  }

  private idOf(group: string): number {
    const row = this.database.prepare("SELECT rowid AS id FROM log_groups WHERE name = ?").get(group) as { id: number } | undefined;
    return row?.id ?? 0;
  }
}

/** A line as it was written. */
export const whole = (message: string, frame: Frame): string => (frame === "" ? message : `${message.slice(0, -1)},${frame}}`);
