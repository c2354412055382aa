import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eksClusters } from "../lambdas/adapters/eks-clusters.ts";
import { kubernetesClient } from "../lambdas/adapters/kubernetes-client.ts";
import type { KubernetesConnection } from "../lambdas/adapters/kubernetes-request.ts";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { readKubeconfig } from "../local/kubeconfig/file.ts";
import { type Measure, median, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { percentile } from "./switch/load-client.ts";
import { ofKind, readTrace } from "./trace.ts";

const limit = 1.2;
const rounds = 200;
const warmUp = 20;
const tail = 1_000;
/** They are told in an address. */
const linesAtOnce = 50;
const namespace = "slipway-demo-staging";
/** Answers what it is asked, and writes what it is told to; the nodes of `npm run cluster:up` have it. */
const image = "localhost/test-server:1";
const program = join(import.meta.dirname, "../test/cluster/support/server.ts");

/**
 * The API's answer beside the API server's own for the same thousand lines of one container, in turn, each by somebody who has
 * asked before: signed in, connected. Of it, what the function takes by itself: the rest is the way to it, sign-in and answer,
 * which the local API Gateway and Lambda do here.
 */
export async function measureFirstLine(options: string[]): Promise<Measure[]> {
  const folder = makeFolder();
  const trace = join(folder, "trace.jsonl");
  const system = await RunningSystem.start([
    ...whereToRun(folder, options),
    "--data",
    join(folder, "data"),
    "--no-sample",
    "--trace",
    trace,
  ]);
  try {
    await system.apiAnswers();
    const id = await deployWriter(system);
    const path = `/v1/deployments/${id}/logs?container_name=predictor&tail=${tail}`;
    await system.until(async () => ((await system.text(path)).split("\n").length > tail ? true : undefined));
    const measured = await compare(system, trace, path, await rawCluster(system, options));
    await system.call("DELETE", `/v1/deployments/${id}?name=${id}`);
    await system.until(() =>
      system.call("GET", `/v1/deployments/${id}/state`).then(({ status }) => (status === "STOPPED" ? true : undefined)),
    );
    return measured;
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

function whereToRun(folder: string, options: string[]): string[] {
  if (options.length > 0) return [...options, "--yes"];
  const file = join(folder, "images.json");
  writeFileSync(file, JSON.stringify({ [image]: { command: [process.execPath, program] } }));
  return ["--images", file];
}

async function deployWriter(system: RunningSystem): Promise<string> {
  const id = `lines-${Date.now().toString(36)}`;
  await system.call("POST", "/v1/deployments", {
    group: "demo",
    name: id,
    id,
    environment: "staging",
    access: "public",
    predictor: { image },
  });
  await system.until(async () => ((await system.call("GET", `/v1/deployments/${id}/state`)).status === "RUNNING" ? true : undefined));
  const text = Array.from(
    { length: linesAtOnce },
    (_, line) => `a line of usual length, as one of many that a server writes: ${line}`,
  ).join("\n");
  const say = `${system.url}/endpoints/${id}/say?text=${encodeURIComponent(text)}`;
  for (let told = 0; told < tail; told += linesAtOnce) await system.until(async () => ((await fetch(say)).ok ? true : undefined));
  return id;
}

async function compare(system: RunningSystem, trace: string, path: string, cluster: Cluster): Promise<Measure[]> {
  const pod = await podOf(cluster);
  const took: Record<"raw" | "text" | "json", number[]> = { raw: [], text: [], json: [] };
  let before = 0;
  for (let round = -warmUp; round < rounds; round += 1) {
    if (round === 0) before = readTrace(trace).length;
    const ways = {
      raw: () => cluster.podLog(namespace, pod, { container: "predictor", tail_lines: tail, timestamps: true }),
      text: () => system.text(path),
      json: () => system.call("GET", path),
    };
    for (const way of ["raw", "text", "json"] as const) {
      const milliseconds = await timed(ways[way]);
      if (round >= 0) took[way].push(milliseconds);
    }
  }
  const own = ofKind(readTrace(trace, before), "invocation").flatMap((line) => (line.function === "ReadLogs" ? [line.milliseconds] : []));
  const beside = (times: number[]) =>
    `${rounded(median(times))} ms (p99 ${rounded(percentile(times, 99))}) beside ${rounded(median(took.raw))} ms (p99 ${rounded(percentile(took.raw, 99))}), medians of ${rounds}`;
  const share = (times: number[]) => median(times) / median(took.raw);
  return [
    {
      what: "transient logs as text beside the pod log of the API server",
      value: share(took.text),
      limit,
      unit: "times",
      note: beside(took.text),
    },
    { what: "of it, the function alone", value: share(own), limit: null, unit: "times", note: beside(own) },
    { what: "the same as JSON", value: share(took.json), limit, unit: "times", note: beside(took.json) },
  ];
}

/** The API server itself, past everything of ours. */
async function rawCluster(system: RunningSystem, options: string[]): Promise<Cluster> {
  const file = options[options.indexOf("--kubeconfig") + 1];
  if (options.length === 0 || file === undefined) {
    const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
    return eksClusters({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` })("local");
  }
  const { server, ...connection } = connectionOf(readKubeconfig(file));
  const { agent, headers } = await connection.options();
  const token = (headers.authorization ?? "").replace(/^Bearer /, "");
  const forget = () => {};
  const reached = { endpoint: server, agent: agent as KubernetesConnection["agent"] };
  const access = { connection: async () => reached, token: async () => token, forgetConnection: forget, forgetToken: forget };
  return kubernetesClient(access, systemClock);
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
