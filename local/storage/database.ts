import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type { DatabaseSync as Database } from "node:sqlite";

/** The one file in which the small local services keep what must survive a restart, `kill -9` included. */
export function openDatabase(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, "services.db"));
  // Write-ahead: a killed process loses nothing that was answered; only a power cut could lose the last moments.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
  return database;
}

/** All of it or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Of a table that earlier builds have made without it. `column`: its name and type. */
export function addColumn(database: DatabaseSync, table: string, column: string): void {
  const known = database.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  if (known.every(({ name }) => name !== column.split(" ")[0])) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`);
}
