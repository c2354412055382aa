import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimPath } from "../../../local/kubeconfig/claim.ts";
import { Callers } from "../../cluster/support/callers.ts";
import { cutLine, type Line } from "../../cluster/support/cut-line.ts";
import { echoDeployment } from "../system/image.ts";
import { System } from "../system/system.ts";
import { type ClusterAlone, kubeconfigOf, startClusterAlone } from "./cluster-alone.ts";

let alone: ClusterAlone;
let line: Line;
let system: System;
beforeAll(async () => {
  alone = await startClusterAlone();
  line = await cutLine(alone.cluster.endpoint);
  const kubeconfig = join(alone.folder, "by-the-line");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(alone.cluster, { token: alone.cluster.adminToken }, { server: line.endpoint })));
  system = await System.start(["--kubeconfig", kubeconfig, "--gateway-url", alone.cluster.gatewayUrl, "--yes"]);
});
afterAll(async () => {
  line?.mend();
  await system?.stop();
  line?.stop();
  await alone?.stop();
});

const id = "through-it-all";
/** What is under way when an instance is told to end is answered before it does. */
const rollout = { drain_seconds: 2, warm_seconds: 0 };
const greeting = (value: string) => ({ predictor: { image: "test/echo:1", env: [{ name: "GREETING", value }] } });
const call = async (method: string, path: string, body?: object) => (await system.call(method, path, { body })).body;

/** What is asked at the endpoint all the while; `seen`: each answer that differs from the one before. */
const callers = () =>
  new Callers(async () => {
    const answer = await fetch(`${system.url}/endpoints/${id}/`, { headers: { connection: "close" } }).catch((error: Error) => error);
    if (answer instanceof Error) return `${answer.message}: ${answer.cause}`;
    return answer.ok ? ((await answer.json()) as { greeting: string | null }).greeting : `status ${answer.status}`;
  });

async function ended({ id: operation }: { id: string }) {
  let found = await call("GET", `/v1/operations/${operation}`);
  await system.until(`${operation} has ended`, async () => {
    found = await call("GET", `/v1/operations/${operation}?wait=5`);
    return found.outcome !== null;
  });
  return found;
}

it("serves and tells while the cluster's API server is away, and takes up each step where it was when it is back", async () => {
  const created = await call("POST", "/v1/deployments", echoDeployment(id, { ...greeting("one"), rollout }));
  expect(await ended(created.operation)).toMatchObject({ outcome: "SUCCEEDED" });
  const asking = callers();
  const { operation } = await call("PATCH", `/v1/deployments/${id}`, {
    ...greeting("two"),
    rollout: { ...rollout, manual_promotion: true },
  });
  await system.until("the new revision waits for somebody's word", async () => {
    const { steps } = await call("GET", `/v1/operations/${operation.id}`);
    return steps.at(-1).name === "Bake";
  });

  line.cut();
  await line.untilMissed(3);
  expect(await call("GET", `/v1/deployments/${id}/state`)).toMatchObject({ status: "UPDATING", operation: { id: operation.id } });
  expect((await system.call("POST", `/v1/operations/${operation.id}/promote`, { body: {} })).status).toBe(200);
  await line.untilMissed(6);
  line.mend();

  expect(await ended(operation)).toMatchObject({ outcome: "SUCCEEDED", cause: null });
  expect(await asking.end()).toEqual(["one", "two"]);
});

it("goes through a change that was accepted while it was away", async () => {
  line.cut();
  const { operation } = await call("PATCH", `/v1/deployments/${id}`, {
    ...greeting("three"),
    rollout: { ...rollout, manual_promotion: false },
  });
  await line.untilMissed(3);
  line.mend();
  expect(await ended(operation)).toMatchObject({ outcome: "SUCCEEDED", cause: null });
  await system.until("what serves is the new revision", async () => {
    const answer = await fetch(`${system.url}/endpoints/${id}/`);
    return ((await answer.json()) as { greeting: string }).greeting === "three";
  });
});

it("has the cluster still: nobody else may drive it", async () => {
  const since = Date.now();
  await system.until("it says again that the cluster is its own", async () => {
    const { spec } = (await alone.api.get(claimPath("slipway-gateway"))).body;
    return Date.parse(spec.renewTime) > since;
  });
  const second = await System.start([...alone.options, "--no-sample"]).catch((error: Error) => error.message);
  if (second instanceof System) await second.stop();
  expect(second).toContain("Another control plane drives this cluster: npm start on ");
  expect(second).toContain(`with the data folder ${system.data}, at ${system.url}. End that one first`);
});
