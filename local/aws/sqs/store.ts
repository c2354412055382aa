import { randomUUID } from "node:crypto";
import type { Database } from "../../storage/database.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS queue_messages (
    id TEXT PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT);
`;

export interface Message {
  id: string;
  body: string;
  sent_at: number;
  receives: number;
  receipt: string;
}

/** Queues of the template: where what could not be delivered is kept. */
export class QueueStore {
  readonly names: ReadonlySet<string>;
  private readonly database: Database;

  constructor(database: Database, names: string[]) {
    this.names = new Set(names);
    this.database = database;
    database.exec(schema);
  }

  send(queue: string, body: string): string {
    const id = randomUUID();
    this.database
      .prepare("INSERT INTO queue_messages (id, queue, body, sent_at, visible_at) VALUES (?, ?, ?, ?, ?)")
      .run(id, queue, body, Date.now(), Date.now());
    return id;
  }

  receive(queue: string, most: number, visibilitySeconds: number): Message[] {
    const now = Date.now();
    const found = this.database
      .prepare("SELECT id FROM queue_messages WHERE queue = ? AND visible_at <= ? ORDER BY sent_at LIMIT ?")
      .all(queue, now, most);
    const take = this.database.prepare(
      "UPDATE queue_messages SET receives = receives + 1, receipt = ?, visible_at = ? WHERE id = ? RETURNING id, body, sent_at, receives, receipt",
    );
    return found.map(({ id }) => take.get(randomUUID(), now + visibilitySeconds * 1000, id as string) as unknown as Message);
  }

  delete(queue: string, receipt: string): void {
    this.database.prepare("DELETE FROM queue_messages WHERE queue = ? AND receipt = ?").run(queue, receipt);
  }

  purge(queue: string): void {
    this.database.prepare("DELETE FROM queue_messages WHERE queue = ?").run(queue);
  }

  count(queue: string): number {
    return Number((this.database.prepare("SELECT count(*) AS n FROM queue_messages WHERE queue = ?").get(queue) as { n: number }).n);
  }
}
