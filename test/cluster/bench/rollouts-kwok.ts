/**
 * `npm run bench -- rollouts-kwok`: 1, 10 and 100 updates at once through the product's own steps, beside a client that
 * only creates a Deployment, waits until it is available and moves a route. On the KWOK cluster that SLIPWAY_KUBECONFIG
 * names, started with AUDIT=1, and with KCM_QPS and SCHED_QPS or without.
 */
import { printTable } from "../../../bench/report.ts";
import { KwokStage, requestsHeader, requestsRow } from "./kwok-stage.ts";
import { roundsOf, secondsHeader, secondsRow, type Timed } from "./seconds.ts";

const sizes = [1, 10, 100];
const present = 100;

const stage = new KwokStage("bench-kwok");
const rows: string[][] = [];
const requests: string[][] = [];
try {
  const deployments = await stage.begin(present);
  const bare = stage.bareClient();
  for (const size of sizes) {
    const rounds = roundsOf(size);
    const timed: Timed[] = [];
    await stage.warmedUp(deployments.slice(0, size));
    stage.audit.begin();
    for (let round = 0; round < rounds; round++) {
      const chosen = deployments.slice(round * size, (round + 1) * size);
      timed.push(...(await Promise.all(chosen.map((each) => stage.updated(each, `value-${size}`)))));
    }
    await stage.cleanedUp(present);
    rows.push(secondsRow("Slipway", size, rounds, timed));
    requests.push(requestsRow(stage.audit, size, size * rounds, ["judge"]));
    const bareTimed: Timed[] = [];
    for (let round = 0; round < rounds; round++) bareTimed.push(...(await bare.play(size)));
    rows.push(secondsRow("bare client", size, rounds, bareTimed));
    console.log(`${size} at once: done`);
  }
  printTable("Seconds", secondsHeader, rows);
  printTable("Requests for one rollout, from the API server's audit log", requestsHeader, requests);
} finally {
  await stage.stop();
}
process.exit();
