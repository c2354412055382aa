import { randomBytes, randomUUID } from "node:crypto";
import type { Database } from "../../storage/database.ts";

export interface Subscription {
  arn: string;
  topic: string;
  protocol: string;
  endpoint: string;
  /** Until then it is told nothing but how to confirm. */
  confirmed: boolean;
  raw: boolean;
  token: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS subscriptions (
    arn TEXT PRIMARY KEY, topic TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL, confirmed INTEGER NOT NULL,
    raw INTEGER NOT NULL DEFAULT 0, token TEXT NOT NULL, UNIQUE (topic, protocol, endpoint)) WITHOUT ROWID;
`;

/** Topics of the template, and who has subscribed to them. */
export class TopicStore {
  readonly topics: ReadonlySet<string>;
  private readonly database: Database;

  constructor(database: Database, topicArns: string[]) {
    this.topics = new Set(topicArns);
    this.database = database;
    database.exec(schema);
  }

  /** Once for each endpoint: whoever subscribes again has the same subscription. */
  subscribe(topic: string, protocol: string, endpoint: string, { confirmed, raw }: Pick<Subscription, "confirmed" | "raw">): Subscription {
    this.database
      .prepare("INSERT OR IGNORE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(`${topic}:${randomUUID()}`, topic, protocol, endpoint, Number(confirmed), Number(raw), randomBytes(32).toString("hex"));
    const row = this.database
      .prepare("SELECT * FROM subscriptions WHERE topic = ? AND protocol = ? AND endpoint = ?")
      .get(topic, protocol, endpoint);
    return subscriptionOf(row);
  }

  /** undefined when the token is of no subscription to the topic. */
  confirm(topic: string, token: string): Subscription | undefined {
    const row = this.database.prepare("UPDATE subscriptions SET confirmed = 1 WHERE topic = ? AND token = ? RETURNING *").get(topic, token);
    return row && subscriptionOf(row);
  }

  find(arn: string): Subscription | undefined {
    const row = this.database.prepare("SELECT * FROM subscriptions WHERE arn = ?").get(arn);
    return row && subscriptionOf(row);
  }

  setRaw(arn: string, raw: boolean): void {
    this.database.prepare("UPDATE subscriptions SET raw = ? WHERE arn = ?").run(Number(raw), arn);
  }

  remove(arn: string): void {
    this.database.prepare("DELETE FROM subscriptions WHERE arn = ?").run(arn);
  }

  /** By endpoint; of all topics without one. */
  subscriptions(topic?: string): Subscription[] {
    const rows = this.database
      .prepare("SELECT * FROM subscriptions WHERE topic = coalesce(?, topic) ORDER BY topic, endpoint")
      .all(topic ?? null);
    return rows.map(subscriptionOf);
  }
}

const subscriptionOf = (row: unknown): Subscription => {
  const found = row as Subscription;
  return { ...found, confirmed: Boolean(found.confirmed), raw: Boolean(found.raw) };
};
