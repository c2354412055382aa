import type { EngineClient } from "./dynamodb/client.ts";
import { expireItems } from "./dynamodb/expiry.ts";
import type { Table } from "./dynamodb/tables.ts";
import type { LogStore } from "./logs/store.ts";

const everyMilliseconds = 600_000;

/** Removes what AWS removes on its own some time after it is due: items past their time, log lines past their group's. Gives the stop. */
export function startHousekeeping(tables: Table[], engine: EngineClient, logs: LogStore): () => void {
  const keepHouse = async (): Promise<void> => {
    try {
      logs.expire(Date.now());
      for (const table of tables) await expireItems(table, engine, Math.floor(Date.now() / 1000));
    } catch (error) {
      console.error("Removing what has expired failed and will be tried again:", error);
    }
  };
  const timer = setInterval(() => void keepHouse(), everyMilliseconds);
  void keepHouse();
  return () => clearInterval(timer);
}
