import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FunctionName } from "../lambdas/runtime/settings.ts";
import type { FunctionConfiguration } from "../local/functions/configuration.ts";
import { type ColdStart, coldStart, deployedFunctions, floor } from "./cold-start.ts";
import { Round } from "./first-events/round.ts";
import { systemRecord } from "./first-events/system-record.ts";
import { firstEvents } from "./first-events/table.ts";
import { median, printTable, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { openTlsFront, type TlsFront } from "./tls-front.ts";

const rounds = 7;
const limits = { bytes: 450 * 1024, milliseconds: 60 };

/** With what a bare request took that was made next to it. */
type Measured = Pick<ColdStart, "import" | "total"> & { name: FunctionName; floor: number };

/** Size of every bundle, and what importing it and answering a first event takes, each time in a fresh process. */
export async function measureBundles(): Promise<void> {
  const folder = makeFolder();
  const holdFile = join(folder, "hold");
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--images", writeImages(folder, holdFile), "--no-sample"]);
  try {
    await system.apiAnswers();
    await system.call("PUT", "/v1/groups/demo", {}, { as: "admin" });
    const aws = await openTlsFront(folder, system.port);
    const functions = await deployedFunctions(system.url);
    const tableName = functions.find(({ title }) => title === "ReadRecord")?.environment.TABLE_NAME ?? "";
    const surroundings = { system, functions, record: systemRecord(system.url, tableName), holdFile };
    const measured: Measured[] = [];
    for (let number = 1; number <= rounds; number++) measured.push(...(await callEachFunction(new Round(number, surroundings), aws)));
    aws.close();
    report(functions, measured);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

/** Model servers that answer everything, or nothing while they are held. */
function writeImages(folder: string, holdFile: string): string {
  const server = { command: [process.execPath, join(import.meta.dirname, "held-server.mjs")], env: { HOLD: holdFile } };
  const initializer = { command: [process.execPath, "--eval", "0"] };
  const file = join(folder, "images.json");
  const images = { "bench/held:1": server, "slipway/onnx-server:1": server, "kserve/storage-initializer:v0.20.0": initializer };
  writeFileSync(file, JSON.stringify(images));
  return file;
}

async function callEachFunction(round: Round, aws: TlsFront): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const name of Object.keys(firstEvents) as FunctionName[]) {
    const event = await firstEvents[name](round);
    const { answer, error, ...times } = await coldStart(round.deployed(name), aws, event);
    const isRefused = answer?.statusCode >= 400 || answer?.batchItemFailures?.length > 0;
    if (error !== undefined || isRefused) throw new Error(`${name}: ${error ?? JSON.stringify(answer)}`);
    round.answers[name] = answer;
    measured.push({ name, ...times, floor: await floor(aws) });
  }
  return measured;
}

function report(functions: FunctionConfiguration[], measured: Measured[]): void {
  const rows = functions.map(({ title, file }) => {
    const code = readFileSync(file);
    const starts = measured.filter(({ name }) => name === title);
    const total = median(starts.map((start) => start.total));
    const times = [median(starts.map((start) => start.import)), total, Math.min(...starts.map((start) => start.total))].map(rounded);
    const beside = (total / median(starts.map((start) => start.floor))).toFixed(2);
    const sizes = [code.length.toLocaleString("en"), gzipSync(code).length.toLocaleString("en"), (code.length / limits.bytes).toFixed(2)];
    return [title, ...sizes, ...times, (total / limits.milliseconds).toFixed(2), beside];
  });
  const floors = measured.map((start) => start.floor);
  printTable(
    `Bundles (limit ${limits.bytes.toLocaleString("en")} bytes), processor time of import and first call (limit ${limits.milliseconds} ms); a bare request ${rounded(median(floors))} ms, at least ${rounded(Math.min(...floors))}`,
    ["function", "bytes", "compressed", "ratio", "import ms", "with first call ms", "least", "ratio", "÷ bare request"],
    rows.toSorted((one, other) => Number(other[7]) - Number(one[7])),
  );
}
