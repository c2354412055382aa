import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eksClusters } from "../lambdas/adapters/eks-clusters.ts";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { measureVolume } from "./log-volume.ts";
import { type Measure, median, printMeasures, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { ofKind, readTrace } from "./trace.ts";

const runs = 4;
const linesEach = 25_000;
const rounds = 40;
const namespace = "slipway-demo-staging";
const limits = { share: 1.2 };

/** Asked to, a run writes its part of the lines and kills itself as nobody could stop it; the last one stays. */
const writer = `
import { appendFileSync, readFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
appendFileSync(process.env.RUNS, "x");
const run = readFileSync(process.env.RUNS, "utf8").length;
const put = (text) => { for (let rest = Buffer.from(text); rest.length > 0; ) try { rest = rest.subarray(writeSync(1, rest)); } catch (error) { if (error.code !== "EAGAIN") throw error; } };
let isDone = false;
createServer((request, response) => {
  if (request.url.endsWith("/write") && !isDone && run <= ${runs}) {
    isDone = true;
    for (let line = 0; line < ${linesEach}; line += 1) put("counted " + run + " " + line + "\\n");
    if (run < ${runs}) process.kill(process.pid, "SIGKILL");
  }
  response.end("{}");
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

/** How soon the first line of what runs is there, what is lost of what was killed, and what a great many lines take. */
export async function measureLogs(): Promise<void> {
  const folder = makeFolder();
  writeFileSync(join(folder, "writer.mjs"), writer);
  const image = { command: [process.execPath, join(folder, "writer.mjs")], env: { RUNS: join(folder, "runs") } };
  writeFileSync(join(folder, "images.json"), JSON.stringify({ "bench/writer:1": image }));
  const trace = join(folder, "trace.jsonl");
  const system = await RunningSystem.start([
    "--data",
    join(folder, "data"),
    "--images",
    join(folder, "images.json"),
    "--no-sample",
    "--trace",
    trace,
  ]);
  const measures: Measure[] = [];
  try {
    await system.apiAnswers();
    const body = { group: "demo", name: "writer", environment: "staging", access: "public", predictor: { image: "bench/writer:1" } };
    await system.call("POST", "/v1/deployments", body);
    await system.until(async () => ((await system.call("GET", "/v1/deployments/writer/state")).operation ? undefined : true));
    measures.push(await lost(system), ...(await firstLine(system, trace)));
  } finally {
    await system.stop();
    removeFolder(folder);
  }
  printMeasures("Logs", [...measures, ...(await measureVolume())]);
}

/** Every line of every run is asked for, page by page, until no more come. */
async function lost(system: RunningSystem): Promise<Measure> {
  const seen = new Set<string>();
  let cursor = "";
  await system
    .until(async () => {
      await fetch(`${system.url}/endpoints/writer/write`).catch(() => undefined);
      const page = await system.call("GET", `/v1/deployments/writer/logs?source=historical&sort=asc&tail=2000&since=1h${cursor}`);
      for (const { message } of page.items ?? []) if (message.startsWith("counted ")) seen.add(message);
      cursor = `&cursor=${encodeURIComponent(page.next_cursor ?? page.cursor)}`;
      return seen.size >= runs * linesEach || undefined;
    })
    .catch((error: unknown) => console.error(error));
  const all = runs * linesEach;
  const note = `of ${all} lines, over ${runs - 1} kills`;
  return { what: "lines lost in history (none may be)", value: all - seen.size, limit: null, unit: "lines", note };
}

/**
 * The API's answer beside the API server's own for the same log, in turn, and of it what the function takes by itself: the
 * rest is the way to it, sign-in and answer, which the local API Gateway and Lambda do here.
 */
async function firstLine(system: RunningSystem, trace: string): Promise<Measure[]> {
  const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
  const cluster = await eksClusters({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` })("local");
  const pod = await podOf(cluster);
  const [ours, raw]: [number[], number[]] = [[], []];
  const before = readTrace(trace).length;
  for (let round = 0; round < rounds; round += 1) {
    raw.push(await timed(() => cluster.podLog(namespace, pod, { container: "predictor", tail_lines: 1_000, timestamps: true })));
    ours.push(await timed(() => system.call("GET", "/v1/deployments/writer/logs?container_name=predictor")));
  }
  const own = ofKind(readTrace(trace, before), "invocation").flatMap((line) => (line.function === "ReadLogs" ? [line.milliseconds] : []));
  const beside = (times: number[]) => `${rounded(median(times))} ms beside ${rounded(median(raw))} ms, medians of ${rounds}`;
  return [
    {
      what: "transient logs beside the pod's own",
      value: median(ours) / median(raw),
      limit: limits.share,
      unit: "times",
      note: beside(ours),
    },
    { what: "of it, the function alone", value: median(own) / median(raw), limit: null, unit: "times", note: beside(own) },
  ];
}

async function podOf(cluster: Cluster): Promise<string> {
  const { items } = await cluster.list("Pod", { namespace, labels: { "app.kubernetes.io/managed-by": "slipway" } });
  return items[0]?.metadata.name ?? "";
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
