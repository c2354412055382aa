import { afterEach, beforeEach, expect, it } from "vitest";
import type { ProxyAnswer } from "../../lambdas/ports/cluster.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;
beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  await workflows.run("rollout", await scene.start());
});
afterEach(cleanUp);

/** What the gateway answers to each question, changed. */
function answering(change: (answer: ProxyAnswer) => Partial<ProxyAnswer>): void {
  const proxy = scene.cluster.serviceProxy.bind(scene.cluster);
  scene.cluster.serviceProxy = async (target, request) => {
    const answer = await proxy(target, request);
    return target.service === "slipway-gateway" ? { ...answer, ...change(answer) } : answer;
  };
}

it("believes a gateway that answers by the route and does not say that it has accepted it", async () => {
  scene.cluster.gatewayRefuses = undefined;
  expect(await workflows.run("rollout", await scene.begin("UPDATE"))).toMatchObject({ status: "SUCCEEDED" });
  expect(scene.cluster.route()?.backends).toHaveLength(1);
});

it("waits until the gateway has an instance to send requests to, and not only the route", async () => {
  let asked = 0;
  answering(() => {
    asked += 1;
    return asked <= 3 ? { status: 503 } : {};
  });
  expect(await workflows.run("rollout", await scene.begin("UPDATE"))).toMatchObject({ status: "SUCCEEDED" });
  expect(asked).toBe(4);
});

it("gives the traffic back when the gateway never finds an instance", async () => {
  const before = scene.cluster.route()?.backends;
  answering(({ headers }) => (headers["x-slipway-route"] === "2-2" ? { status: 503 } : {}));
  const input = await scene.begin("UPDATE");
  expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED", error: "RouteNotAccepted" });
  expect((await scene.operation(input)).cause?.message).toMatch(/^by 2-2 the gateway answers 503, \d+ s after the change$/);
  expect(scene.cluster.route()?.backends).toEqual(before);
});
