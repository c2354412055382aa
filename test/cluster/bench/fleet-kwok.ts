/**
 * `npm run bench -- fleet-kwok [--deployments 1000]`: that many deployments of two instances each on the KWOK cluster that
 * SLIPWAY_KUBECONFIG names, started with AUDIT=1: what sync and a watch cost, how fresh a state is, and 100 updates at once
 * beside a client that only creates a Deployment, waits until it is available and moves a route.
 */
import { printTable, rounded } from "../../../bench/report.ts";
import { percentile } from "../../../bench/switch/load-client.ts";
import { Fleet } from "./fleet.ts";
import { KwokStage, requestsHeader, requestsRow } from "./kwok-stage.ts";
import { secondsHeader, secondsRow } from "./seconds.ts";

const atOnce = 100;
const changes = 200;
const groups = 10;

const given = process.argv.indexOf("--deployments");
const count = given < 0 ? 1000 : Number(process.argv[given + 1]);
if (!Number.isInteger(count) || count < atOnce) throw new Error(`--deployments is a whole number of at least ${atOnce}`);

const stage = new KwokStage("fleet-kwok", groups);
try {
  const began = performance.now();
  const deployments = await stage.begin(count);
  const fleet = new Fleet(stage);
  const rows: string[][] = [];
  const measured = (what: string, value: string) => {
    rows.push([what, value]);
    console.log(`${what}: ${value}`);
  };
  measured("creating and starting all of them, 25 at once", `${rounded((performance.now() - began) / 1000)} s`);

  const synced = await fleet.sync();
  measured("one run of sync", `${rounded(synced.seconds)} s`);
  measured("… heap beside what it began with, at most", `${rounded(synced.megabytes)} MB`);
  measured("… lists, each in pages of 500", synced.lists);

  const listed = await fleet.listAll();
  measured("a watch until everything is listed", `${rounded(listed.seconds)} s`);
  measured("… heap that it keeps", `${rounded(listed.megabytes)} MB`);
  measured("… lists, each in pages of 500", listed.lists);

  const watching = await fleet.watch();
  measured("… until each deployment has been looked at", `${rounded(watching.seconds)} s`);
  const delays = await fleet.changeReadiness(changes);
  measured(`readiness of a pod until the state says it, ${changes} changes: p50`, `${rounded(percentile(delays, 50))} ms`);
  measured("… p99", `${rounded(percentile(delays, 99))} ms`);

  stage.audit.begin();
  const timed = await Promise.all(deployments.slice(0, atOnce).map((each) => stage.updated(each, "newer")));
  await stage.cleanedUp(count);
  const requests = requestsRow(stage.audit, atOnce, atOnce, ["judge"]);
  await watching.end();
  const bare = await stage.bareClient().play(atOnce);
  printTable(`${count} deployments, ${2 * count} pods`, ["what", "measured"], rows);
  printTable("Seconds", secondsHeader, [secondsRow("Slipway", atOnce, 1, timed), secondsRow("bare client", atOnce, 1, bare)]);
  printTable("Requests for one rollout, from the API server's audit log", requestsHeader, [requests]);
} finally {
  await stage.stop();
}
process.exit();
