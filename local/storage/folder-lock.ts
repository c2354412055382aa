import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTimeOf } from "./process-identity.ts";

interface Holder {
  pid: number;
  started: string | null;
  port: number;
}

/** Errors: another running system uses the folder; two would overwrite each other's state. */
export function lockFolder(folder: string, port: number): () => void {
  const file = join(folder, "lock.json");
  const mine = JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid), port } satisfies Holder);
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      refuseWhenAlive(file, folder);
      // Its holder was killed: the lock says nothing any more.
      rmSync(file, { force: true });
    }
  }
}

function refuseWhenAlive(file: string, folder: string): void {
  const holder = readHolder(file);
  if (holder === null || holder.started === null || startTimeOf(holder.pid) !== holder.started) return;
  throw new Error(
    `The data folder ${folder} is in use by process ${holder.pid} (http://127.0.0.1:${holder.port}). ` +
      "End that one first, or start this one with another folder and port: npm start -- --data <folder> --port <port>",
  );
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return null;
  }
}
