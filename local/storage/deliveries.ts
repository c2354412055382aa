import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

/** What is on its way to a target: kept until it has arrived or has been given up, so that a crash loses nothing. */
export interface Delivery {
  id: string;
  /** Which carrier takes it. */
  carrier: string;
  payload: unknown;
  /** How often it has been tried. */
  attempts: number;
  accepted_at: number;
}

/** Carries one delivery; gives milliseconds after which to try again, or null when it is over, well or badly. */
export type Carrier = (delivery: Delivery) => Promise<number | null>;

const schema = `
  CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, carrier TEXT NOT NULL, payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, accepted_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
`;

export class Deliveries {
  private readonly database: Database;
  private readonly carriers = new Map<string, Carrier>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  stopped = false;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  carry(carrier: string, work: Carrier): void {
    this.carriers.set(carrier, work);
  }

  accept(carrier: string, payload: unknown): void {
    const now = Date.now();
    const id = randomUUID();
    this.database
      .prepare("INSERT INTO deliveries (id, carrier, payload, accepted_at, due_at) VALUES (?, ?, ?, ?, ?)")
      .run(id, carrier, JSON.stringify(payload ?? null), now, now);
    this.schedule(id, 0);
  }

  /** Goes on with what an earlier run had accepted and not finished. */
  resume(): void {
    const rows = this.database.prepare("SELECT id, due_at FROM deliveries").all() as { id: string; due_at: number }[];
    for (const { id, due_at } of rows) if (!this.timers.has(id)) this.schedule(id, Math.max(0, due_at - Date.now()));
  }

  /** From the call on nothing is given up or ticked off any more: what a stopping system breaks off is tried again later. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.underWay);
  }

  private schedule(id: string, milliseconds: number): void {
    this.timers.set(
      id,
      setTimeout(() => {
        this.timers.delete(id);
        const work = this.attempt(id).catch((error) =>
          console.error("A delivery failed and will be tried again at the next start:", error),
        );
        this.underWay.add(work);
        void work.then(() => this.underWay.delete(work));
      }, milliseconds),
    );
  }

  private async attempt(id: string): Promise<void> {
    const row = this.database.prepare("SELECT id, carrier, payload, attempts, accepted_at FROM deliveries WHERE id = ?").get(id);
    if (row === undefined || this.stopped) return;
    const delivery = { ...row, payload: JSON.parse(row.payload as string) } as unknown as Delivery;
    const carrier = this.carriers.get(delivery.carrier);
    if (carrier === undefined) throw new Error(`Nothing carries deliveries of the kind ${delivery.carrier}`);
    const again = await carrier(delivery);
    if (this.stopped) return;
    if (again === null) {
      this.database.prepare("DELETE FROM deliveries WHERE id = ?").run(id);
      return;
    }
    this.database.prepare("UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?").run(Date.now() + again, id);
    this.schedule(id, again);
  }
}
