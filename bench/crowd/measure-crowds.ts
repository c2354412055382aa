import { join } from "node:path";
import { eksAccess } from "../../lambdas/adapters/eks-clusters.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";
import { deployedFunctions } from "../cold-start.ts";
import { systemRecord } from "../first-events/system-record.ts";
import { load, median, printTable, rounded } from "../report.ts";
import { makeMemoryFolder, RunningSystem, removeFolder } from "../running-system.ts";
import { percentile } from "../switch/load-client.ts";
import { Crowd, podsEach } from "./crowd.ts";

export const crowdSizes = [10, 1_000, 5_000];
/** Pods that turn, each away and back. */
const turned = 100;
const limit = 100;

/** From a change of one pod among many, once the API server has answered it, until GET state says so. */
export async function measureCrowds(sizes: number[]): Promise<void> {
  const folder = makeMemoryFolder();
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--no-sample"]);
  let crowd: Crowd | undefined;
  try {
    await system.apiAnswers();
    crowd = await crowdOn(system);
    const rows: string[][] = [];
    for (const size of sizes) {
      rows.push(await rowOf(system, crowd, size));
      console.log(rows.at(-1)?.join("  "));
    }
    const head = ["pods", "deployments", "changes", "median", "p99", "limit", "ratio", "load"];
    printTable("From a change of one pod among many until GET state, in milliseconds", head, rows);
  } finally {
    crowd?.stop();
    await system.stop();
    removeFolder(folder);
  }
}

async function crowdOn(system: RunningSystem): Promise<Crowd> {
  const functions = await deployedFunctions(system.url);
  const tableName = functions.find(({ title }) => title === "ReadRecord")?.environment.TABLE_NAME ?? "";
  const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
  const access = eksAccess("local", { region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` });
  const crowd = new Crowd(system, systemRecord(system.url, tableName), access);
  void crowd.keepPods();
  return crowd;
}

async function rowOf(system: RunningSystem, crowd: Crowd, size: number): Promise<string[]> {
  await crowd.grow(size);
  const state = (id: string) => system.call("GET", `/v1/deployments/${id}/state`);
  const seen: number[] = [];
  for (let turn = 0; turn < turned; turn++) {
    for (const ready of [false, true]) {
      const id = await crowd.turn(Math.floor((turn * size) / turned), ready);
      const changed = performance.now();
      const wanted = ready ? podsEach : podsEach - 1;
      while ((await state(id)).instances.predictor.ready !== wanted);
      seen.push(performance.now() - changed);
    }
  }
  const p99 = percentile(seen, 99);
  const counts = [size, size / podsEach, seen.length].map((count) => count.toLocaleString("en"));
  return [...counts, rounded(median(seen)), rounded(p99), `${limit}`, rounded(p99 / limit), load()];
}
