import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FunctionConfiguration } from "../local/functions/configuration.ts";
import { type ColdStart, coldStart, deployedFunctions } from "./cold-start.ts";
import { type Call, callEachFunction } from "./first-events.ts";
import { median, printTable, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { openTlsFront, type TlsFront } from "./tls-front.ts";

const rounds = 7;
const limits = { bytes: 450 * 1024, milliseconds: 60 };

/** Size of every bundle, and what importing it and answering a first event takes, each time in a fresh process. */
export async function measureBundles(): Promise<void> {
  const folder = makeFolder();
  const hold = { file: join(folder, "hold") };
  const images = join(folder, "images.json");
  const server = { command: [process.execPath, join(import.meta.dirname, "held-server.mjs")], env: { HOLD: hold.file } };
  writeFileSync(images, JSON.stringify({ "bench/held:1": server }));
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--images", images, "--no-sample"]);
  try {
    await system.apiAnswers();
    const aws = await openTlsFront(folder, system.port);
    const functions = await deployedFunctions(system.url);
    const tableName = functions.find(({ title }) => title === "ReadRecord")?.environment.TABLE_NAME ?? "";
    const seen = new Map<string, ColdStart[]>();
    const call = calling(functions, aws, seen);
    for (let round = 1; round <= rounds; round++) await callEachFunction(round, system, hold, tableName, call);
    aws.close();
    report(functions, seen);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

function calling(functions: FunctionConfiguration[], aws: TlsFront, seen: Map<string, ColdStart[]>): Call {
  return async (name, event) => {
    const deployed = functions.find(({ title }) => title === name);
    if (deployed === undefined) throw new Error(`there is no function ${name} in the template`);
    const result = await coldStart(deployed, aws, event);
    seen.set(name, [...(seen.get(name) ?? []), result]);
    const { error, answer } = result;
    const isRefused = answer?.statusCode >= 400 || answer?.batchItemFailures?.length > 0;
    if (error !== undefined || isRefused) throw new Error(`${name}: ${error ?? JSON.stringify(answer)}`);
    return result;
  };
}

function report(functions: FunctionConfiguration[], seen: Map<string, ColdStart[]>): void {
  const rows = functions.map(({ title, file }) => {
    const code = readFileSync(file);
    const starts = seen.get(title) ?? [];
    const totals = starts.map(({ total }) => total);
    const sizes = [code.length, gzipSync(code).length].map((bytes) => bytes.toLocaleString("en"));
    const size = [title, ...sizes, (code.length / limits.bytes).toFixed(2)];
    // first-events.ts has no event for it yet.
    if (starts.length === 0) return [...size, "not called"];
    const times = [median(starts.map((start) => start.import)), median(totals), Math.min(...totals), Math.max(...totals)].map(rounded);
    return [...size, ...times, (median(totals) / limits.milliseconds).toFixed(2)];
  });
  printTable(
    `Bundles (limit ${limits.bytes.toLocaleString("en")} bytes), processor time of import and first call (limit ${limits.milliseconds} ms)`,
    ["function", "bytes", "compressed", "ratio", "import ms", "with first call ms", "least", "most", "ratio"],
    rows.toSorted((one, other) => Number(other[8] ?? 0) - Number(one[8] ?? 0)),
  );
}
