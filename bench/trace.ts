import { readFileSync } from "node:fs";

/** A line of the file that `npm start -- --trace` writes. Times are milliseconds. */
export type TraceLine = { at: string } & (
  | {
      kind: "aws";
      caller: string;
      service: string;
      action: string;
      status: number;
      milliseconds: number;
      read_units?: number;
      write_units?: number;
    }
  | {
      kind: "cluster";
      caller: string;
      verb: string;
      resource: string;
      namespace: string;
      name: string;
      status: number;
      milliseconds: number;
    }
  | { kind: "invocation"; function: string; cold: boolean; milliseconds: number; error: string | null }
  | { kind: "transition"; machine: string; execution: string; state: string; retry: boolean }
  | { kind: "execution"; machine: string; execution: string; status: string }
);

/** Of one kind. */
export type Line<Kind extends TraceLine["kind"]> = Extract<TraceLine, { kind: Kind }>;

/** The whole lines after the first `skipped`. */
export function readTrace(file: string, skipped = 0): TraceLine[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.slice(skipped).map((line) => JSON.parse(line) as TraceLine);
}

export const ofKind = <Kind extends TraceLine["kind"]>(lines: TraceLine[], kind: Kind): Line<Kind>[] =>
  lines.filter((line): line is Line<Kind> => line.kind === kind);

/** Functions that work for an operation from its request to its end; others only look, or run by the clock. */
const lookers = new Set([
  "DescribeApi",
  "ReadRecord",
  "InspectCluster",
  "AuthorizeClient",
  "Sync",
  "Watch",
  "CollectMetrics",
  "RaiseAlerts",
  "StopSearches",
  "PublishEvents",
  "person",
]);

/** Without those that were only looking meanwhile. */
export function ofTheOperation(lines: TraceLine[]): TraceLine[] {
  return lines.filter((line) => {
    if (line.kind === "invocation") return !lookers.has(line.function);
    return line.kind === "aws" || line.kind === "cluster" ? !lookers.has(line.caller) : true;
  });
}

/** An execution goes by its operation's id. */
export const hasEnded = (lines: TraceLine[], operationId: string): boolean =>
  ofKind(lines, "execution").some(({ execution, status }) => execution === operationId && status !== "RUNNING");
