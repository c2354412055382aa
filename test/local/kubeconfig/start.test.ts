import { afterAll, beforeAll, expect, it } from "vitest";
import { echoDeployment } from "../system/image.ts";
import { System } from "../system/system.ts";
import { type ClusterAlone, startClusterAlone } from "./cluster-alone.ts";

let alone: ClusterAlone;
let system: System;
beforeAll(async () => {
  alone = await startClusterAlone();
  system = await System.start([...alone.options, "--yes"]);
});
afterAll(async () => {
  await system?.stop();
  await alone?.stop();
});

const id = "elsewhere";
const state = async () => (await system.call("GET", `/v1/deployments/${id}/state`)).body;
const settled = () => system.until(`${id} has settled`, async () => !(await state()).operation);

it("shows what it makes in the cluster", () => {
  expect(system.output).toContain("create  ClusterRole slipway:writer");
  expect(system.output).toContain("create  Gateway slipway-gateway/slipway");
});

it("takes a deployment to a live endpoint in a cluster that is not its own", async () => {
  const created = await system.call("POST", "/v1/deployments?wait=25", {
    body: echoDeployment(id, { rollout: { drain_seconds: 0, warm_seconds: 0 } }),
  });
  expect(created.status).toBe(202);
  await settled();
  expect(await state()).toMatchObject({ status: "RUNNING", condition: { type: "READY", status: "True" } });
  expect((await fetch(`${system.url}/endpoints/${id}/`)).status).toBe(200);
  const { items } = (await alone.api.get("/apis/apps/v1/namespaces/slipway-demo-staging/deployments")).body;
  expect(items).toHaveLength(1);
});

it("updates it beside what serves, and rolls back", async () => {
  const patch = { predictor: { env: [{ name: "GREETING", value: "hello" }] } };
  expect((await system.call("PATCH", `/v1/deployments/${id}`, { body: patch })).status).toBe(202);
  await settled();
  expect(await (await fetch(`${system.url}/endpoints/${id}/`)).json()).toMatchObject({ greeting: "hello" });
  expect((await system.call("POST", `/v1/deployments/${id}/rollback`, { body: {} })).status).toBe(202);
  await settled();
  expect(await (await fetch(`${system.url}/endpoints/${id}/`)).json()).toMatchObject({ greeting: null });
});

it("goes on with its record after a restart, and finds nothing left to apply", async () => {
  await system.kill("SIGINT");
  const before = system.output.length;
  await system.run(alone.options);
  expect(system.output.slice(before)).not.toContain("Slipway needs this");
  expect(await state()).toMatchObject({ status: "RUNNING" });
});

it("deletes what it has made", async () => {
  expect((await system.call("DELETE", `/v1/deployments/${id}?name=${id}&wait=25`)).status).toBe(202);
  const deployments = "/apis/apps/v1/namespaces/slipway-demo-staging/deployments";
  await system.until("its workloads are gone", async () => (await alone.api.get(deployments)).body.items.length === 0);
});
