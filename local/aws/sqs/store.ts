import { randomUUID } from "node:crypto";
import { addColumn, type Database } from "../../storage/database.ts";
import type { Attributes } from "./attributes.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS queue_messages (
    id TEXT PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT);
`;

export interface Message {
  id: string;
  body: string;
  /** What its sender said beside its body. */
  attributes: Attributes;
  /** Milliseconds since the epoch, as all times. */
  sent_at: number;
  first_received_at: number;
  receives: number;
  receipt: string;
}

/** Of messages: to be had now, with a receiver, or not yet to be had. */
export interface Counts {
  visible: number;
  in_flight: number;
  delayed: number;
}

/** Queues of the template: where what could not be delivered is kept. */
export class QueueStore {
  readonly names: ReadonlySet<string>;
  private readonly database: Database;

  constructor(database: Database, names: string[]) {
    this.names = new Set(names);
    this.database = database;
    database.exec(schema);
    addColumn(database, "queue_messages", "attributes TEXT NOT NULL DEFAULT '{}'");
    addColumn(database, "queue_messages", "first_received_at INTEGER");
  }

  /** False once the local system stops. */
  get isOpen(): boolean {
    return this.database.isOpen;
  }

  send(queue: string, body: string, attributes: Attributes = {}, delaySeconds = 0): string {
    const [id, now] = [randomUUID(), Date.now()];
    this.database
      .prepare("INSERT INTO queue_messages (id, queue, body, attributes, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?)")
      .run(id, queue, body, JSON.stringify(attributes), now, now + delaySeconds * 1000);
    return id;
  }

  receive(queue: string, most: number, visibilitySeconds: number): Message[] {
    const now = Date.now();
    const found = this.database
      .prepare("SELECT id FROM queue_messages WHERE queue = ? AND visible_at <= ? ORDER BY sent_at, rowid LIMIT ?")
      .all(queue, now, most);
    const take = this.database.prepare(
      `UPDATE queue_messages SET receives = receives + 1, receipt = ?1, visible_at = ?2, first_received_at = coalesce(first_received_at, ?3)
       WHERE id = ?4 RETURNING id, body, attributes, sent_at, first_received_at, receives, receipt`,
    );
    return found.map(({ id }) => {
      const row = take.get(randomUUID(), now + visibilitySeconds * 1000, now, id as string);
      return { ...row, attributes: JSON.parse(String(row?.attributes)) } as unknown as Message;
    });
  }

  /** False when nobody has the message by this receipt any more. */
  changeVisibility(queue: string, receipt: string, visibilitySeconds: number): boolean {
    const now = Date.now();
    const { changes } = this.database
      .prepare("UPDATE queue_messages SET visible_at = ? WHERE queue = ? AND receipt = ? AND visible_at > ?")
      .run(now + visibilitySeconds * 1000, queue, receipt, now);
    return changes > 0;
  }

  delete(queue: string, receipt: string): void {
    this.database.prepare("DELETE FROM queue_messages WHERE queue = ? AND receipt = ?").run(queue, receipt);
  }

  purge(queue: string): void {
    this.database.prepare("DELETE FROM queue_messages WHERE queue = ?").run(queue);
  }

  counts(queue: string): Counts {
    return this.database
      .prepare(
        `SELECT count(*) FILTER (WHERE visible_at <= ?1) AS visible, count(*) FILTER (WHERE visible_at > ?1 AND receives > 0) AS in_flight,
         count(*) FILTER (WHERE visible_at > ?1 AND receives = 0) AS delayed FROM queue_messages WHERE queue = ?2`,
      )
      .get(Date.now(), queue) as unknown as Counts;
  }
}
