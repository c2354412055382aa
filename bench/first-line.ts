import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { apiWay, durations, operationWay, rawCluster, rawWay, type Took, type Way } from "./log-ways.ts";
import { type Measure, median, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";
import { percentile } from "./switch/load-client.ts";

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
 * asked before: signed in, connected. Of it, what the function takes by itself, and what the operation takes where nothing else
 * is: the rest is the way to it, sign-in and answer, which the local API Gateway and Lambda do here.
 */
export async function measureFirstLine(options: string[]): Promise<Measure[]> {
  const folder = makeFolder();
  const system = await RunningSystem.start([...whereToRun(folder, options), "--data", join(folder, "data"), "--no-sample"]);
  try {
    await system.apiAnswers();
    const id = await deployWriter(system);
    const path = `/v1/deployments/${id}/logs?container_name=predictor&tail=${tail}`;
    await system.until(async () => ((await system.text(path)).split("\n").length > tail ? true : undefined));
    const measured = await compare(system, path, id, await rawCluster(system, options));
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

const ways = ["raw", "text", "json", "operation"] as const;
type Times = Record<(typeof ways)[number], Took[]>;

async function compare(system: RunningSystem, path: string, id: string, cluster: Cluster): Promise<Measure[]> {
  const asking: Record<keyof Times, Way> = {
    raw: rawWay(cluster, namespace, await podOf(cluster), tail),
    text: await apiWay(system, path, "text/plain"),
    json: await apiWay(system, path, "application/json"),
    operation: await operationWay(system, cluster, id, tail),
  };
  const times: Times = { raw: [], text: [], json: [], operation: [] };
  let since = 0;
  for (let round = -warmUp; round < rounds; round += 1) {
    if (round === 0) since = Date.now();
    for (const way of ways) {
      const took = await asking[way]();
      if (round >= 0) times[way].push(took);
    }
  }
  return measures(times, await durations(system, "ReadLogs", since));
}

function measures({ raw, text, json, operation }: Times, own: number[]): Measure[] {
  const wholeOf = (took: Took[]) => took.map(({ whole }) => whole);
  const [beside, firstBeside] = [median(wholeOf(raw)), median(raw.map(({ first }) => first))];
  const asked = `${rounded(beside)} ms (p99 ${rounded(percentile(wholeOf(raw), 99))}, its first line ${rounded(firstBeside)}), medians of ${rounds}`;
  const measure = (what: string, all: number[], limit: number | null, first = ""): Measure => ({
    what,
    value: median(all) / beside,
    limit,
    unit: "times",
    note: `${rounded(median(all))} ms (p99 ${rounded(percentile(all, 99))}${first}) beside ${asked}`,
  });
  const firstLine = `, its first line ${rounded(median(text.map(({ first }) => first)))}`;
  return [
    measure("transient logs as text beside the pod log of the API server", wholeOf(text), limit, firstLine),
    measure("the same as JSON", wholeOf(json), limit),
    measure("of both, the function alone", own, null),
    measure("the operation in a process of its own", wholeOf(operation), null),
  ];
}

async function podOf(cluster: Cluster): Promise<string> {
  const { items } = await cluster.list("Pod", { namespace, labels: { "app.kubernetes.io/managed-by": "slipway" } });
  return items[0]?.metadata.name ?? "";
}
