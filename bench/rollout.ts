import { join } from "node:path";
import { type Counts, changesOf, countsOf, total, writesOf } from "./counts.ts";
import { type Share, sharesOf } from "./own-share.ts";
import { median, printMeasures, printTable, rounded, spread } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { hasEnded, readTrace, type TraceLine } from "./trace.ts";

const runs = 5;
const limits = { transitions: 20, writeUnits: 24, changes: 5 };
const id = "bench-rollout";

/** What one START and one UPDATE all at once take: time by step with warm functions, and counts. */
export async function measureRollout(): Promise<void> {
  const folder = makeFolder();
  const trace = join(folder, "trace.jsonl");
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--trace", trace]);
  try {
    await system.sampleIsSettled();
    await system.call("POST", "/v1/deployments", deployment);
    const perform = operations(system, trace);
    const seen: Record<string, TraceLine[][]> = { START: [], UPDATE: [] };
    // The first round starts the functions that the sample has not.
    for (let run = 0; run <= runs; run++) {
      const start = await perform("POST", `/v1/deployments/${id}/start`);
      const update = await perform("PATCH", `/v1/deployments/${id}`, { predictor: { env: [{ name: "RUN", value: String(run) }] } });
      await perform("POST", `/v1/deployments/${id}/stop`);
      if (run === 0) continue;
      seen.START?.push(start);
      seen.UPDATE?.push(update);
    }
    for (const [kind, traces] of Object.entries(seen)) report(kind, traces);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

const deployment = {
  ...{ group: "demo", name: id, id, environment: "staging", access: "public", start: false },
  predictor: { runtime: "onnx", model: { name: "iris", version: 1 } },
  rollout: { drain_seconds: 0 },
};

/** Asks for an operation and gives the lines of the trace from the request to its end. */
function operations(system: RunningSystem, trace: string) {
  return async (method: string, path: string, body?: object): Promise<TraceLine[]> => {
    const before = readTrace(trace).length;
    const { operation } = await system.call(method, path, body);
    return system.until(async () => {
      const lines = readTrace(trace, before);
      return hasEnded(lines, operation.id) ? lines : undefined;
    });
  };
}

function report(kind: string, traces: TraceLine[][]): void {
  const shares = traces.map(sharesOf);
  const counted = traces.map(countsOf);
  reportTime(kind, shares);
  const units = counted.map(({ write_units }) => total(write_units));
  const most = (count: (counts: Counts) => number) => Math.max(...counted.map(count));
  printMeasures(`${kind}: counts`, [
    { what: "state transitions", value: most(({ transitions }) => total(transitions)), limit: limits.transitions, unit: "" },
    { what: "write units of DynamoDB", value: median(units), limit: limits.writeUnits, unit: "WRU", note: spread(units) },
    { what: "changes in the cluster beyond what it creates and deletes", value: most(changesOf), limit: limits.changes, unit: "" },
    { what: "read units of DynamoDB", value: most(({ read_units }) => total(read_units)), limit: null, unit: "RRU" },
    { what: "invocations", value: most(({ invocations }) => total(invocations)), limit: null, unit: "" },
  ]);
  reportSteps(kind, counted.at(-1) as Counts);
}

function reportTime(kind: string, shares: Share[][]): void {
  const steps = [...new Set(shares.flatMap((run) => run.map(({ step }) => step)))];
  const of = (step: string, part: "own" | "waiting") =>
    median(shares.map((run) => run.filter((share) => share.step === step).reduce((sum, share) => sum + share[part], 0)));
  const whole = shares.map((run) => run.reduce((sum, { own }) => sum + own, 0));
  const rows = steps.map((step) => [step, rounded(of(step, "own")), rounded(of(step, "waiting"))]);
  printTable(
    `${kind}: milliseconds by step, warm, median of ${runs} runs`,
    ["step", "own", "waiting"],
    [...rows, ["own share in all", rounded(median(whole)), spread(whole)]],
  );
}

/** One row for each function, as the last run had it. */
function reportSteps(kind: string, counts: Counts): void {
  const writes = writesOf(counts);
  const listed = (made: Record<string, number> = {}) =>
    Object.entries(made).map(([what, count]) => (count === 1 ? what : `${count} × ${what}`));
  const rows = Object.keys(counts.invocations).map((name) => {
    const own = (all: Record<string, number>) => Object.entries(all).filter(([call]) => call.startsWith(`${name} `));
    const sum = (all: Record<string, number>) => own(all).reduce((whole, [, count]) => whole + count, 0);
    const reads = Object.fromEntries(Object.entries(counts.cluster[name] ?? {}).filter(([what]) => !(what in (writes[name] ?? {}))));
    const units = [sum(counts.requests), sum(counts.read_units), sum(counts.write_units)].map(String);
    return [name, ...units, listed(writes[name]).join(", "), listed(reads).join(", ")];
  });
  printTable(
    `${kind}: what each function asked for`,
    ["function", "DynamoDB requests", "RRU", "WRU", "writes to the cluster", "reads"],
    rows,
  );
}
