/**
 * `npm run bench -- switch-cluster [--rate 200] [--requests 100000]`: the switch under load on the real cluster that
 * SLIPWAY_KUBECONFIG names, through its own gateway, and again while another route of that gateway changes all the time.
 */
import { parseArgs } from "node:util";
import { type Cell, evenShare, judge, playUnder, report, reportControls } from "../../../bench/switch/cells.ts";
import { type Control, loaded } from "../../../bench/switch/controls.ts";
import { prediction, specification } from "../../../bench/switch/deployment.ts";
import { Load } from "../../../bench/switch/load.ts";
import type { Counted } from "../../../bench/switch/load-client.ts";
import { plainObjects, plainRoute, plainWorkload } from "../../../bench/switch/plain-objects.ts";
import { scenarios } from "../../../bench/switch/scenarios.ts";
import { ended } from "../../../bench/switch/switched.ts";
import { accessHeader, endpointPath } from "../../../domain/manifests/route.ts";
import { suiteLabel } from "../support/cluster-info.ts";
import { startNoise } from "../support/noise.ts";
import { apply } from "../support/real-cluster.ts";
import { Operated } from "./operated.ts";
import { openStage, type Stage } from "./real-stage.ts";

const { values } = parseArgs({ options: { rate: { type: "string", default: "200" }, requests: { type: "string", default: "1" } } });
const rate = Number(values.rate);
/** As test/cluster/kubernetes/configuration.json says for its gateway. */
const settleSeconds = 3;
const kept = { drain_seconds: 10, warm_seconds: 3600 };
const headers = { [accessHeader]: "public" };
const names = { quiet: "nothing else changes", noisy: "another route changes every 0.3 s" };

const gateways = [names.quiet, names.noisy];
const longMs = evenShare(Number(values.requests), rate, gateways.length * scenarios.length);

const stage = await openStage();
try {
  const began = performance.now();
  const cells: Cell[] = [];
  for (const gateway of gateways) cells.push(...(await playAll(gateway)));
  report(cells, (performance.now() - began) / 1000, rate);
  judge(cells, await reportControls([tooEarly(), rollingUpdate()], rate));
} finally {
  await stage.stop();
}

function urlOf(id: string): string {
  return `${stage.info.gatewayUrl}${endpointPath(id)}/predict`;
}

async function playAll(gateway: string): Promise<Cell[]> {
  const deployment = new Operated(stage.controlPlane(settleSeconds), stage.newGroup().group);
  await ended(deployment, await deployment.create(specification("first", kept)), "SUCCEEDED");
  const end = gateway === names.noisy ? await noise(stage) : () => Promise.resolve();
  const load = new Load({ url: urlOf(deployment.id), rate, headers, body: prediction }, "before");
  for (const scenario of scenarios) await playUnder(load, scenario, deployment, gateway, longMs);
  const parts = await load.stop();
  await end();
  await deployment.succeeded(await deployment.delete());
  return scenarios.map((scenario) => ({ gateway, scenario, counted: parts[scenario.name] as Counted }));
}

async function namespace(purpose: string): Promise<string> {
  // The Gateway takes routes of such namespaces alone.
  const labels = { "app.kubernetes.io/managed-by": "slipway", [suiteLabel]: stage.info.run };
  const metadata = { generateName: `${purpose}-`, labels };
  return (await stage.api.make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata })).metadata.name;
}

async function noise({ api }: Stage): Promise<() => Promise<void>> {
  const { end } = await startNoise(api, `/apis/gateway.networking.k8s.io/v1/namespaces/${await namespace("noise")}/httproutes`);
  return async () => console.log(`the other route has changed ${await end()} times`);
}

/** Two Deployments and one route, whose old one is removed in the moment in which the route has been moved. */
function tooEarly(): Control {
  return {
    name: "the old Deployment is removed as soon as the route is written",
    play: async () => {
      const end = await noise(stage);
      const place = await namespace("early");
      const deployments = `/apis/apps/v1/namespaces/${place}/deployments`;
      const bringUp = async (greeting: string) => {
        for (const object of plainWorkload(greeting, place, greeting)) await apply(stage.api, object);
        await stage.api.until(deployments, greeting, ({ status }) => status?.availableReplicas === 2);
      };
      await bringUp("first");
      await apply(stage.api, plainRoute("first", place));
      const counted = await loaded(`${stage.info.gatewayUrl}/predict`, rate, "first", async () => {
        await bringUp("second");
        await apply(stage.api, plainRoute("second", place));
        await stage.api.delete(`${deployments}/first`);
      });
      await end();
      await stage.api.delete(`/apis/gateway.networking.k8s.io/v1/namespaces/${place}/httproutes/plain`);
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
