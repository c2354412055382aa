import { type Database, inTransaction } from "../../storage/database.ts";

export const alarmStates = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof alarmStates)[number];
export const alarmTypes = ["MetricAlarm", "CompositeAlarm"] as const;
export type AlarmType = (typeof alarmTypes)[number];

export interface Alarm {
  name: string;
  type: AlarmType;
  /** As it was put, name included. */
  definition: Record<string, unknown>;
  state: AlarmState;
  reason: string;
  /** JSON text. */
  reason_data: string | null;
  /** Milliseconds since the epoch. */
  configured_at: number;
  state_updated_at: number;
  transitioned_at: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS alarms (
    name TEXT PRIMARY KEY, type TEXT NOT NULL, definition TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, reason_data TEXT,
    configured_at INTEGER NOT NULL, state_updated_at INTEGER NOT NULL, transitioned_at INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Alarms as people put them. Nothing here measures anything: a state is what somebody has set. */
export class AlarmStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    database.exec(schema);
  }

  /** The state of an alarm that is there already stays. */
  put(type: AlarmType, name: string, definition: Record<string, unknown>): void {
    this.database
      .prepare(
        `INSERT INTO alarms VALUES (?1, ?2, ?3, 'INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation', NULL, ?4, ?4, ?4)
         ON CONFLICT (name) DO UPDATE SET type = excluded.type, definition = excluded.definition, configured_at = excluded.configured_at`,
      )
      .run(name, type, JSON.stringify(definition), Date.now());
  }

  /** False when there is no such alarm. */
  setState(name: string, state: AlarmState, reason: string, reasonData: string | null): boolean {
    const { changes } = this.database
      .prepare(
        `UPDATE alarms SET state = ?2, reason = ?3, reason_data = ?4, state_updated_at = ?5,
         transitioned_at = CASE WHEN state = ?2 THEN transitioned_at ELSE ?5 END WHERE name = ?1`,
      )
      .run(name, state, reason, reasonData, Date.now());
    return changes > 0;
  }

  /** All of them, or none when one of them is not there: its name is given. */
  delete(names: string[]): string | undefined {
    const missing = names.find((name) => this.database.prepare("SELECT 1 FROM alarms WHERE name = ?").get(name) === undefined);
    if (missing !== undefined) return missing;
    inTransaction(this.database, () => {
      for (const name of names) this.database.prepare("DELETE FROM alarms WHERE name = ?").run(name);
    });
    return undefined;
  }

  /** By name. */
  all(): Alarm[] {
    const rows = this.database.prepare("SELECT * FROM alarms ORDER BY name").all();
    return rows.map((row) => ({ ...row, definition: JSON.parse(row.definition as string) }) as unknown as Alarm);
  }
}
