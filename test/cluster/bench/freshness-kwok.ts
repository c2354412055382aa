/**
 * `npm run bench -- freshness-kwok`: how soon a state tells of one pod among 10, 1,000 and 5,000, ten to a deployment, on the
 * KWOK cluster that SLIPWAY_KUBECONFIG names, started with AUDIT=1. Each change is counted from when a watch beside is told.
 */
import { load, printTable, rounded } from "../../../bench/report.ts";
import { percentile } from "../../../bench/switch/load-client.ts";
import { Fleet } from "./fleet.ts";
import { KwokStage } from "./kwok-stage.ts";

const podsEach = 10;
const sizes = [10, 1_000, 5_000];
const changes = 200;
const limit = 100;
const groups = 10;

const stage = new KwokStage("freshness-kwok", groups, podsEach);
const rows: string[][] = [];
try {
  await stage.begin(0);
  for (const size of sizes) {
    await stage.grow(size / podsEach);
    const fleet = new Fleet(stage);
    const watching = await fleet.watch();
    const delays = await fleet.changeReadiness(changes);
    await watching.end();
    const p99 = percentile(delays, 99);
    const counts = [size, size / podsEach, delays.length].map((count) => count.toLocaleString("en"));
    rows.push([...counts, rounded(percentile(delays, 50)), rounded(p99), `${limit}`, rounded(p99 / limit), load()]);
    console.log(rows.at(-1)?.join(" | "));
  }
  printTable("Milliseconds", ["pods", "deployments", "changes", "median", "p99", "limit", "ratio", "load"], rows);
} finally {
  await stage.stop();
}
process.exit();
