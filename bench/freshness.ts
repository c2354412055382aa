import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { KubernetesObject } from "../domain/kubernetes.ts";
import { eksClusters } from "../lambdas/adapters/eks-clusters.ts";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { podsEach } from "./crowd/crowd.ts";
import { crowdSizes, measureCrowds } from "./crowd/measure-crowds.ts";
import { isReady } from "./crowd/readiness.ts";
import { median, printMeasures, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { percentile } from "./switch/load-client.ts";
import { watchMemory } from "./watch-memory.ts";

const deployments = 3;
const flips = 6;
const limits = { milliseconds: 100, megabytes: 256 };
const pods = 5_000;

/** A server whose readiness turns with the presence of a file. */
const server = `
import { existsSync } from "node:fs";
import { createServer } from "node:http";
createServer((request, response) => {
  response.writeHead(request.url.endsWith("/ready") && existsSync(process.env.UNREADY) ? 503 : 200, { "content-type": "application/json" });
  response.end("{}");
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

/** With `--pods 1000,5000` one of so many; without it one of a few, and then of each size of crowd. */
export async function measureFreshness(given: string[]): Promise<void> {
  const { values } = parseArgs({ args: given, options: { pods: { type: "string" } } });
  const sizes = values.pods?.split(",").map(Number) ?? crowdSizes;
  const wrong = sizes.find((size) => !Number.isInteger(size / podsEach) || size <= 0);
  if (wrong !== undefined) throw new Error(`--pods takes multiples of ${podsEach}, as in --pods 1000,5000; given: ${values.pods}`);
  if (values.pods === undefined) await measureFew();
  await measureCrowds(sizes);
}

/** From a pod's change, as a watch of the API server tells it, until GET state answers so; and what a watcher keeps of many pods. */
async function measureFew(): Promise<void> {
  const folder = makeFolder();
  const switchFile = join(folder, "unready");
  writeFileSync(join(folder, "server.mjs"), server);
  const image = { command: [process.execPath, join(folder, "server.mjs")], env: { UNREADY: switchFile } };
  writeFileSync(join(folder, "images.json"), JSON.stringify({ "bench/flip:1": image }));
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--images", join(folder, "images.json"), "--no-sample"]);
  try {
    await system.apiAnswers();
    const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
    const cluster = await eksClusters({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` })("local");
    for (let number = 1; number <= deployments; number++) await deploy(system, `fresh-${number}`);
    const seen = await flipsSeen(system, cluster, switchFile);
    const memory = await watchMemory(cluster, pods);
    printMeasures(`A pod's readiness until GET state (${deployments} deployments, ${seen.length} changes)`, [
      { what: "median", value: median(seen), limit: limits.milliseconds, unit: "ms" },
      {
        what: "p99",
        value: percentile(seen, 99),
        limit: limits.milliseconds,
        unit: "ms",
      },
      {
        what: `heap that a watch keeps of ${pods} pods`,
        value: memory.megabytes,
        limit: limits.megabytes,
        unit: "MB",
        note: `listed in ${rounded(memory.seconds)} s`,
      },
    ]);
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

async function deploy(system: RunningSystem, id: string): Promise<void> {
  const body = { group: "demo", name: id, id, environment: "staging", access: "public", predictor: { image: "bench/flip:1" } };
  await system.call("POST", "/v1/deployments", body);
  await system.until(async () => ((await system.call("GET", `/v1/deployments/${id}/state`)).operation ? undefined : true));
}

/** Milliseconds from each change of a pod's readiness until the state says so. */
async function flipsSeen(system: RunningSystem, cluster: Cluster, switchFile: string): Promise<number[]> {
  const labels = { "app.kubernetes.io/managed-by": "slipway" };
  const scope = { namespace: "slipway-demo-staging", labels };
  const { items, resource_version } = await cluster.list("Pod", scope);
  const known = new Map(items.map((pod) => [pod.metadata.uid, isReady(pod)]));
  const stopping = new AbortController();
  const waits: Promise<number>[] = [];
  const watching = (async () => {
    for await (const { type, object } of cluster.watch("Pod", scope, resource_version, stopping.signal)) {
      if (type !== "MODIFIED" || known.get(object.metadata.uid) === isReady(object)) continue;
      known.set(object.metadata.uid, isReady(object));
      waits.push(untilTold(system, object));
    }
  })().catch(() => undefined);
  for (let flip = 1; flip <= flips; flip++) {
    if (flip % 2 === 1) writeFileSync(switchFile, "");
    else rmSync(switchFile);
    await system.until(async () => (waits.length >= flip * deployments ? true : undefined));
    await Promise.all(waits);
  }
  stopping.abort();
  await watching;
  return Promise.all(waits);
}

async function untilTold(system: RunningSystem, pod: KubernetesObject): Promise<number> {
  const changed = performance.now();
  const id = pod.metadata.labels?.["slipway.dev/deployment"];
  const ready = isReady(pod) ? 1 : 0;
  for (;;) {
    const { instances } = await system.call("GET", `/v1/deployments/${id}/state`);
    if (instances.predictor.ready === ready) return performance.now() - changed;
  }
}
