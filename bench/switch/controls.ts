import { join } from "node:path";
import { startCluster } from "../../local/cluster/start.ts";
import { makeFolder, RunningSystem, removeFolder } from "../running-system.ts";
import { id, images, prediction, predictor, specification, systemOptions } from "./deployment.ts";
import { Load } from "./load.ts";
import type { Counted } from "./load-client.ts";
import { controlPlace, gatewayObjects, plainObjects } from "./plain-objects.ts";
import { byApi, ended } from "./switched.ts";

/** Something that is known to lose requests, under the same load: were none seen, the measurement would be blind. */
export interface Control {
  name: string;
  play(rate: number): Promise<Counted>;
}

const lag = { misconfigured: 5_000, rolling: 1_000 };
/** Longer than any lag. */
const settledMs = 7_500;

export const controls: Control[] = [
  {
    name: "old slot retired too early: settle 0 and drain 0 under a lag of 5 s",
    play: misconfigured(["--gateway-lag", String(lag.misconfigured), "--gateway-settle", "0"]),
  },
  { name: "a gateway like an ALB, and register 0", play: misconfigured(["--gateway-like", "alb", "--gateway-register", "0"]) },
  { name: "RollingUpdate of a Deployment without preStop, lag 1 s", play: rollingUpdate },
];

/** An update that keeps nothing warm and drains nothing, on a system whose configuration does not fit its gateway. */
function misconfigured(manner: string[]): Control["play"] {
  return (rate) => updated(rate, manner);
}

async function updated(rate: number, manner: string[]): Promise<Counted> {
  const folder = makeFolder();
  const system = await RunningSystem.start([...systemOptions(folder), ...manner]);
  try {
    await system.apiAnswers();
    await system.call("POST", "/v1/deployments", specification("first", { drain_seconds: 0, warm_seconds: 0 }));
    const url = `${system.url}/endpoints/${id}/predict`;
    return await loaded(url, rate, "first", async () => {
      const switched = byApi(system);
      await ended(switched, await switched.update({ predictor: predictor("second") }), "SUCCEEDED");
    });
  } finally {
    await system.stop();
    removeFolder(folder);
  }
}

async function rollingUpdate(rate: number): Promise<Counted> {
  const folder = makeFolder();
  const cluster = await startCluster({
    ...{ dataFolder: join(folder, "cluster"), name: "control", images, gatewayLagMs: lag.rolling },
    authenticate: async () => ({ error: "nobody signs in here" }),
  });
  try {
    await cluster.apply([...gatewayObjects, controlPlace, ...plainObjects("first")]);
    return await loaded(`${cluster.gatewayUrl}/predict`, rate, "first", () => cluster.apply(plainObjects("second")));
  } finally {
    await cluster.stop();
    removeFolder(folder);
  }
}

/** Counts from the change until nobody but the next revision has answered. */
export async function loaded(url: string, rate: number, first: string, change: () => Promise<void>, headers = {}): Promise<Counted> {
  await untilAnswered(url, headers, (model) => model === first, settledMs);
  const load = new Load({ url, rate, headers, body: prediction }, "control");
  await change();
  await untilAnswered(url, headers, (model) => model !== first && model !== null, settledMs);
  return (await load.stop()).control as Counted;
}

async function untilAnswered(url: string, given: object, isSo: (model: string | null) => boolean, forMs: number): Promise<void> {
  for (let since = performance.now(); performance.now() - since < forMs; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const model = await fetch(url, { headers: { connection: "close", ...given } })
      .then(({ headers }) => headers.get("x-model"))
      .catch(() => null);
    if (!isSo(model)) since = performance.now();
  }
}
