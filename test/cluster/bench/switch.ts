/**
 * `npm run bench -- switch-cluster [--rate 200] [--requests 100000]`: the switch under load on the real cluster that
 * SLIPWAY_KUBECONFIG names, through its own gateway, and again while another route of that gateway changes all the time.
 */
import { parseArgs } from "node:util";
import { machine } from "../../../bench/report.ts";
import { type Cell, judge, overRounds, playUnder, report, reportControls, sent } from "../../../bench/switch/cells.ts";
import { type Control, loaded } from "../../../bench/switch/controls.ts";
import { prediction, predictor, specification } from "../../../bench/switch/deployment.ts";
import { Load } from "../../../bench/switch/load.ts";
import type { Counted } from "../../../bench/switch/load-client.ts";
import { plainObjects } from "../../../bench/switch/plain-objects.ts";
import { scenarios } from "../../../bench/switch/scenarios.ts";
import { ended } from "../../../bench/switch/switched.ts";
import { accessHeader, endpointPath } from "../../../domain/manifests/route.ts";
import { suiteLabel } from "../support/cluster-info.ts";
import { startNoise } from "../support/noise.ts";
import { apply } from "../support/real-cluster.ts";
import { Operated } from "./operated.ts";
import { adopt, openStage, type Stage } from "./real-stage.ts";

const { values } = parseArgs({ options: { rate: { type: "string", default: "200" }, requests: { type: "string", default: "1" } } });
const rate = Number(values.rate);
/** As test/cluster/kubernetes/configuration.json says for its gateway. */
const settleSeconds = 3;
const kept = { drain_seconds: 10, warm_seconds: 3600 };
const headers = { [accessHeader]: "public" };
const names = { quiet: "nothing else changes", noisy: "another route changes every 0.3 s" };

console.log(machine());
const stage = await openStage();
try {
  const began = performance.now();
  const cells: Cell[] = [];
  for (let round = 1; round === 1 || sent(cells) < Number(values.requests); round++) {
    for (const gateway of [names.quiet, names.noisy]) cells.push(...(await playAll(`r${round}${gateway.length}`, gateway)));
  }
  report(overRounds(cells), (performance.now() - began) / 1000, rate);
  judge(overRounds(cells), await reportControls([tooEarly(), rollingUpdate()], rate));
} finally {
  await stage.stop();
}

function urlOf(id: string): string {
  return `${stage.info.gatewayUrl}${endpointPath(id)}/predict`;
}

async function playAll(group: string, gateway: string): Promise<Cell[]> {
  const deployment = new Operated(stage.controlPlane(settleSeconds), `bench-${group}`);
  await ended(deployment, await deployment.create(specification("first", kept)), "SUCCEEDED");
  await adopt(stage, namespaceOf(group));
  const end = gateway === names.noisy ? await noise(stage) : () => Promise.resolve();
  const load = new Load({ url: urlOf(deployment.id), rate, headers, body: prediction }, "before");
  for (const scenario of scenarios) await playUnder(load, scenario, deployment, gateway);
  const parts = await load.stop();
  await end();
  await deployment.succeeded(await deployment.delete());
  return scenarios.map((scenario) => ({ gateway, scenario, counted: parts[scenario.name] as Counted }));
}

const namespaceOf = (group: string): string => `slipway-bench-${group}-staging`;

async function namespace(purpose: string): Promise<string> {
  const metadata = { generateName: `${purpose}-`, labels: { [suiteLabel]: stage.info.run } };
  return (await stage.api.make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata })).metadata.name;
}

async function noise({ api }: Stage): Promise<() => Promise<void>> {
  const { end } = await startNoise(api, `/apis/gateway.networking.k8s.io/v1/namespaces/${await namespace("noise")}/httproutes`);
  return async () => console.log(`the other route has changed ${await end()} times`);
}

/** An old slot that is removed as soon as the gateway has once answered by the new route, while requests are under way. */
function tooEarly(): Control {
  return {
    name: "old slot retired too early: settle 0, drain 0, kept warm for 0 s",
    play: async () => {
      const end = await noise(stage);
      const deployment = new Operated(stage.controlPlane(0), "bench-early", "bench-early");
      const specified = specification("first", { drain_seconds: 0, warm_seconds: 0 });
      await ended(deployment, await deployment.create(specified), "SUCCEEDED");
      await adopt(stage, namespaceOf("early"));
      const change = async () => void (await ended(deployment, await deployment.update({ predictor: predictor("second") }), "SUCCEEDED"));
      const counted = await loaded(urlOf(deployment.id), rate, "first", change, headers);
      await end();
      return counted;
    },
  };
}

/** What somebody has who uses Kubernetes alone, without a preStop. */
function rollingUpdate(): Control {
  return {
    name: "RollingUpdate of a Deployment without preStop",
    play: async () => {
      const place = await namespace("control");
      const applyAll = async (greeting: string) => {
        for (const object of plainObjects(greeting, place)) await apply(stage.api, object);
      };
      await applyAll("first");
      return loaded(`${stage.info.gatewayUrl}/predict`, rate, "first", () => applyAll("second"));
    },
  };
}
