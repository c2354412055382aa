// cspell:ignore ошибка
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { routeName } from "../domain/names.ts";
import { cloudwatchLogs } from "../lambdas/adapters/cloudwatch-logs.ts";
import { s3LogExports } from "../lambdas/adapters/s3-log-exports.ts";
import { writeLogExport } from "../lambdas/logs/write-log-export.ts";
import type { LogHistory } from "../lambdas/ports/log-history.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { containerInsights } from "../local/aws/logs/container-insights.ts";
import { logsService } from "../local/aws/logs/service.ts";
import { LogStore } from "../local/aws/logs/store.ts";
import type { AwsCall } from "../local/aws/service.ts";
import { openDatabase } from "../local/storage/database.ts";
import { type Measure, median, rounded } from "./report.ts";
import { makeFolder, removeFolder } from "./running-system.ts";

const lines = 1_000_000;
const instances = 20;
const rare = 100_000;
const exportBytes = 200 * 1024 * 1024;
const limits = { searchSeconds: 2, exportMegabytes: 64 };
const deployment = { id: "card", uid: "01KAEXAMPLE0000000FZZ13Q00" };
const begin = Date.parse("2026-11-21T00:00:00.000Z");
const place = { cluster: "local", namespace: "models", deployment, revisions: null, from: begin, until: begin + 86_400_000 };
const perLine = 180;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A million lines of twenty instances in the local CloudWatch Logs: a search, and all of it as a file. */
export async function measureVolume(): Promise<Measure[]> {
  const folder = makeFolder();
  const database = openDatabase(folder);
  try {
    const store = new LogStore(database);
    write(store);
    const history = cloudwatchLogs(callsTo(store));
    return [
      await searched(history, "rare text", "needle"),
      await searched(history, "rare text without a letter of ASCII", "ОШИБКА"),
      await exported(history),
    ];
  } finally {
    database.close();
    removeFolder(folder);
  }
}

function write(store: LogStore): void {
  const insights = containerInsights(store, "local");
  for (let number = 0; number < lines; number += 1) {
    const time = new Date(begin + number * 50).toISOString().replace("Z", "000000Z");
    const text = `INFO request ${number} took ${number % 97} ms ${number % rare === 7 ? "needle ошибка" : ""}`;
    insights.record({
      ...{ time, stream: "stdout", line: text.padEnd(perLine, "."), is_whole: true, node: "local", namespace: "models", restart_count: 0 },
      ...{ pod: `${routeName(deployment)}-p1-1-5d8f7-x${number % instances}`, pod_uid: `u${number % instances}`, labels: {} },
      ...{ container: "predictor", container_id: `containerd://${"a".repeat(64)}`, image: "card:1", image_id: `sha256:${"b".repeat(64)}` },
    });
  }
  insights.flush();
}

/** The local service without the wire before it. */
function callsTo(store: LogStore) {
  const service = logsService(store);
  return async (action: string, input: object) =>
    (await service.handle({ action, body: Buffer.from(JSON.stringify(input)) } as AwsCall)).body as never;
}

async function searched(history: LogHistory, what: string, text: string): Promise<Measure> {
  const seconds: number[] = [];
  for (let run = 0; run < 3; run += 1) seconds.push(await search(history, text));
  return { what: `search of ${lines} lines for ${what}`, value: median(seconds), limit: limits.searchSeconds, unit: "s of processor time" };
}

/** Of this process, which does nothing else: how long it takes by the clock, others decide. */
async function search(history: LogHistory, text: string): Promise<number> {
  const began = process.cpuUsage();
  const id = await history.begin({ ...place, text, order: "desc", limit: 1_001 });
  for (;;) {
    const { state, lines: found } = await history.results(id);
    if (state === "complete") {
      if (found.length !== lines / rare) throw new Error(`the search found ${found.length} lines in place of ${lines / rare}`);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1e6;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The most that the process holds while it writes the file, beyond what it held before; the file's bytes go to a store that keeps none. */
async function exported(history: LogHistory): Promise<Measure> {
  const store = await keepsNothing();
  const credentials = async () => ({ accessKeyId: "bench", secretAccessKey: "bench" });
  const exports = s3LogExports({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: store.url }, "bench");
  const before = held();
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, held());
  }, 500);
  const start = { uid: deployment.uid, export_id: "1", started_at: "", request_hash: null, place, is_deleted: false };
  const log = { warn: (message: string, error?: Error) => console.error(message, error) };
  await writeLogExport(start, { history, exports, maskSecrets: async () => null, clock: systemClock, log }, () => Number.POSITIVE_INFINITY);
  clearInterval(looking);
  store.close();
  if (store.taken() < exportBytes) throw new Error(`the file has ${store.taken()} bytes`);
  const note = `${rounded(store.taken() / 2 ** 20)} MB in ${lines} lines`;
  return { what: "memory for an export", value: (most - before) / 2 ** 20, limit: limits.exportMegabytes, unit: "MB", note };
}

/** What is in use, and not what nobody has cleared away yet. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function keepsNothing() {
  let bytes = 0;
  const server = createServer(async (request, response) => {
    let own = 0;
    for await (const piece of request) own += (piece as Buffer).length;
    if (request.url?.includes("partNumber")) bytes += own;
    response.setHeader("etag", '"x"');
    response.end(request.url?.includes("uploads=") ? "<UploadId>1</UploadId>" : "<CompleteMultipartUploadResult/>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => bytes,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
