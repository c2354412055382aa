/**
 * `npm run bench -- product-kwok`: 1, 10 and 100 updates at once through the whole product, `npm start -- --kubeconfig`: from the
 * PATCH that a client sends to the moved route, beside a client that only creates a Deployment, waits until it is available
 * and moves a route. On the KWOK cluster that SLIPWAY_KUBECONFIG names, started with --gateway, and with KCM_QPS and
 * SCHED_QPS or without.
 */
import { load, printTable, rounded } from "../../../bench/report.ts";
import { ProductStage } from "./product-stage.ts";
import { roundsOf, secondsHeader, secondsRow, type Timed } from "./seconds.ts";

const sizes = [1, 10, 100];
const present = 100;

const stage = await ProductStage.open();
try {
  await stage.begin(present);
  const bare = stage.bareClient();
  const rows: string[][] = [];
  for (const size of sizes) {
    const rounds = roundsOf(size);
    const [own, least]: [Timed[], Timed[]] = [[], []];
    const [processor, refused, busy] = [stage.processorSeconds(), stage.refusals, load()];
    for (let round = 0; round < rounds; round++) own.push(...(await stage.update(size, round)));
    const seconds = rounded((stage.processorSeconds() - processor) / rounds / size);
    for (let round = 0; round < rounds; round++) least.push(...(await bare.play(size)));
    rows.push([...secondsRow("Slipway", size, rounds, own), seconds, `${stage.refusals - refused}`, busy]);
    rows.push([...secondsRow("bare client", size, rounds, least), "", "", ""]);
    for (const row of rows.slice(-2)) console.log(row.join("  "));
    if (size !== sizes.at(-1)) await stage.cleanedUp();
  }
  printTable("Seconds", [...secondsHeader, "processor seconds of npm start for one", "sent again", "load before"], rows);
} finally {
  await stage.close();
}
process.exit();
