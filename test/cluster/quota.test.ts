import { beforeEach, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { absentImage, condition, configMap, deployment, pod, quota } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

let here: Scene;
beforeEach(async () => {
  here = await scene("quota");
});

const asking = (name: string, resources: Any) =>
  pod(name, {}, { image: absentImage, imagePullPolicy: "Never", readinessProbe: undefined, resources });
const use = (name: string, amount: string) => api.until(here.quotas, "group", (each) => each.status?.used?.[name] === amount);

test("counts what pods ask for, and refuses what would exceed it", async () => {
  const hard = { "requests.cpu": "300m", "limits.memory": "2Gi", pods: "2" };
  await api.make(here.quotas, quota("group", hard));
  await use("pods", "0");
  const half = { requests: { cpu: "150m" }, limits: { memory: "1Gi", cpu: "2" } };
  await api.make(here.pods, asking("first", half));
  const { status } = await use("pods", "1");
  expect(status).toEqual({ hard, used: { "requests.cpu": "150m", "limits.memory": "1Gi", pods: "1" } });
  const greedy = await api.create(here.pods, asking("greedy", { ...half, requests: { cpu: "200m" } }));
  expect(greedy.body).toMatchObject({
    code: 403,
    reason: "Forbidden",
    message:
      'pods "greedy" is forbidden: exceeded quota: group, requested: requests.cpu=200m, used: requests.cpu=150m, limited: requests.cpu=300m',
    details: { name: "greedy", kind: "pods" },
  });
  const vague = await api.create(here.pods, asking("vague", { requests: { cpu: "1" } }));
  expect(vague.body.message).toBe('pods "vague" is forbidden: failed quota: group: must specify limits.memory for: server');
  await api.make(here.pods, asking("second", half));
  expect((await api.create(here.pods, asking("third", half))).body.message).toBe(
    'pods "third" is forbidden: exceeded quota: group, requested: limits.memory=1Gi,pods=1,requests.cpu=150m, ' +
      "used: limits.memory=2Gi,pods=2,requests.cpu=300m, limited: limits.memory=2Gi,pods=2,requests.cpu=300m",
  );
  await api.delete(`${here.pods}/first`);
  await api.untilGone(`${here.pods}/first`);
  await use("pods", "1");
  // Who admits goes by what it has heard of the quota, which may be a moment old.
  await expect.poll(async () => (await api.create(here.pods, asking("third", half))).status).toBe(201);
});

test("counts other objects as well", async () => {
  const { items } = (await api.get(here.configMaps)).body;
  const most = String(items.length + 1);
  await api.make(here.quotas, quota("group", { "count/configmaps": most }));
  await use("count/configmaps", String(items.length));
  await api.make(here.configMaps, configMap("one"));
  expect((await api.create(here.configMaps, configMap("two"))).body.message).toBe(
    `configmaps "two" is forbidden: exceeded quota: group, requested: count/configmaps=1, used: count/configmaps=${most}, limited: count/configmaps=${most}`,
  );
});

test("room that comes later is taken by what waited for it", async () => {
  await api.make(here.quotas, quota("group", { pods: "0" }));
  await use("pods", "0");
  await api.make(here.deployments, deployment("patient", { image: absentImage, imagePullPolicy: "Never" }));
  const held = await api.until(here.deployments, "patient", (each) => condition(each, "ReplicaFailure") !== undefined);
  expect(held.status).toMatchObject({ unavailableReplicas: 1, observedGeneration: 1 });
  await api.patch(`${here.quotas}/group`, { spec: { hard: { pods: "1" } } });
  await api.until(here.deployments, "patient", (each) => condition(each, "ReplicaFailure") === undefined && each.status.replicas === 1);
});
